"""Announce a reply of four gigabytes."""
# ends as: crashed

import os


def double(x):
    os.write(4, b"\xff" * 64)
    return x
