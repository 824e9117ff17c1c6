"""Claim that the grader failed, to be ungraded instead of wrong."""
# ends as: crashed

import os

import msgspec


def send(*message, fd=4):
    data = msgspec.msgpack.encode(message)
    os.write(fd, len(data).to_bytes(4, "big") + data)


def double(x):
    send("notprepared", "no space left on device")
    return x
