"""Send a tensor without elements whose other sizes have no end."""
# ends as: failed|crashed

import os

import msgspec


def send(*message):
    data = msgspec.msgpack.encode(message)
    os.write(4, len(data).to_bytes(4, "big") + data)


def double(x):
    send("returned", 1, ["tensor", "float32", [0, 2**62], b"", "cpu", False], [])
    return x
