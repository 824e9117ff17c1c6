"""Answer with a message that only the examiner sends."""
# ends as: crashed

import os

import msgspec


def send(*message, fd=4):
    data = msgspec.msgpack.encode(message)
    os.write(fd, len(data).to_bytes(4, "big") + data)


def double(x):
    send("graded", {"points": 5})
    return x
