"""Nest empty lists as deep as a reply allows."""
# ends as: crashed

import os


def double(x):
    data = b"\x91" * ((1 << 24) - 8)
    os.write(4, len(data).to_bytes(4, "big"))
    os.write(4, data)
    return x
