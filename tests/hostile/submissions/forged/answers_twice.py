"""Answer one request twice."""
# ends as: failed|crashed

import os

import msgspec


def send(*message, fd=4):
    data = msgspec.msgpack.encode(message)
    os.write(fd, len(data).to_bytes(4, "big") + data)


def double(x):
    send("returned", 1, True)
    send("returned", 1, True)
    return x
