"""Write a passing reply to every open descriptor."""
# ends as: crashed

import os

import msgspec


def send(*message, fd=4):
    data = msgspec.msgpack.encode(message)
    os.write(fd, len(data).to_bytes(4, "big") + data)


for descriptor in range(256):
    try:
        send("returned", 1, True, fd=descriptor)
    except OSError:
        pass


def double(x):
    return x
