"""Send the first message of a process again, with false layers."""
# ends as: crashed

import os

import msgspec


def send(*message, fd=4):
    data = msgspec.msgpack.encode(message)
    os.write(fd, len(data).to_bytes(4, "big") + data)


def double(x):
    send("prepared", {"files": "trust me"})
    return x
