"""Move a folder away under an open descriptor and climb out."""
# ends as: failed

import contextlib
import os

with contextlib.suppress(OSError):
    os.mkdir("a")
    os.mkdir("a/b")
    inside = os.open("a/b", os.O_RDONLY)
    os.rename("a/b", "b")
    for _ in range(40):
        os.chdir("..")
    with open(os.getcwd().rstrip("/") + "@SHARED@/secret") as file:
        print("BREACH", file.read())


def double(x):
    return x
