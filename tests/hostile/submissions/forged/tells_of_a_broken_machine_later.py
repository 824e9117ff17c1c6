"""Say after the start that the sandbox is missing and the disk is full."""
# ends as: failed|crashed

import os

import msgspec


def send(*message):
    data = msgspec.msgpack.encode(message)
    os.write(4, len(data).to_bytes(4, "big") + data)


send("prepared", dict.fromkeys(("files", "processes", "network", "syscalls")))
send("notprepared", "the disk is full")


def double(x):
    return x
