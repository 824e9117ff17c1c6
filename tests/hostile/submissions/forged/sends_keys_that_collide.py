"""Send a dictionary of thousands of tuples with one hash, which encode would refuse."""
# ends as: crashed

import os

import msgspec


def send(*message, fd=4):
    data = msgspec.msgpack.encode(message)
    data = memoryview(len(data).to_bytes(4, "big") + data)
    while data:
        data = data[os.write(fd, data) :]


def double(x):
    keys = [[]]
    for _ in range(14):
        keys = [[*key, n] for key in keys for n in (0, 2**61 - 1)]
    send("returned", 1, ["dict", [[["tuple", key], None] for key in keys]])
    return x
