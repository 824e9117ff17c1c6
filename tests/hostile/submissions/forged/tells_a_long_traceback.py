"""Forge a traceback of two hundred frames in a file of a million lines."""
# ends as: crashed

SOURCE = (
    """
import os

import msgspec

data = msgspec.msgpack.encode(["raised", 0, "E", [], "", [["target.py", 3, "double"]] * 200])
os.write(4, len(data).to_bytes(4, "big") + data)
"""
    + "\n" * 1_000_000
)
