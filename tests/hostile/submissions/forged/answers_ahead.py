"""Answer the next fifty requests before they arrive."""
# ends as: failed|crashed

import os

import msgspec


def send(*message, fd=4):
    data = msgspec.msgpack.encode(message)
    os.write(fd, len(data).to_bytes(4, "big") + data)


for number in range(50):
    send("loaded")
    send("returned", number, ["tensor", "float32", [3], bytes(12), "cpu", False])


def double(x):
    return x
