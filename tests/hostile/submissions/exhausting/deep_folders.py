"""Create nested folders and remove all permissions from them."""
# ends as: failed|crashed|timeout

import contextlib
import os

with contextlib.suppress(OSError):
    for _ in range(3000):
        os.mkdir("d" * 100)
        os.chdir("d" * 100)
    os.chmod(".", 0)


def double(x):
    return x
