"""Send the first word of a process again, with a wall of its own choice."""
# ends as: crashed

import os

import msgspec


def send(*message, fd=4):
    data = msgspec.msgpack.encode(message)
    os.write(fd, len(data).to_bytes(4, "big") + data)


def double(x):
    send("confined", {"files": "trust me"})
    return x
