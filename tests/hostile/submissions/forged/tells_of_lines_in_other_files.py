"""Tell of a traceback through files of the system, in lines that do not exist."""
# ends as: raised

import os

import msgspec


def send(*message):
    data = msgspec.msgpack.encode(message)
    os.write(4, len(data).to_bytes(4, "big") + data)


def double(x):
    frames = [
        ["@SHARED@/secret", 1, "f"],
        ["../../../../etc/passwd", 1, "g"],
        ["target.py", -1, "h"],
        ["target.py", 2**63 - 1, "\u202e"],
    ]
    send("raised", 1, "ValueError", ["ValueError"], "\x1b[2J", frames, [])
    return x
