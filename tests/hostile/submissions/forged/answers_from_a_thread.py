"""Answer from a thread while the call still runs."""
# ends as: failed|crashed

import os

import threading

import msgspec


def send(*message, fd=4):
    data = msgspec.msgpack.encode(message)
    os.write(fd, len(data).to_bytes(4, "big") + data)


def double(x):
    threading.Thread(target=lambda: [send("returned", n, 1) for n in range(9)]).start()
    return x
