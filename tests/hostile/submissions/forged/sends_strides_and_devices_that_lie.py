"""Send a tensor with impossible strides, on a device whose name is an escape sequence."""
# ends as: failed

import os

import msgspec


def send(*message):
    data = msgspec.msgpack.encode(message)
    os.write(4, len(data).to_bytes(4, "big") + data)


def double(x):
    device = "\x1b[31mcuda\u202e:9"
    send("returned", 1, ["tensor", "float32", [3], bytes(12), device, False, [-(2**63)]], [])
    return x
