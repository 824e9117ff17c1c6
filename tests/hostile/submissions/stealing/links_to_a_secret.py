"""Reach a file through its own links."""
# ends as: failed

import contextlib
import os

with contextlib.suppress(OSError):
    os.symlink("@SHARED@/secret", "soft")
    print("BREACH", open("soft").read())
with contextlib.suppress(OSError):
    os.link("@SHARED@/secret", "hard")
    print("BREACH", open("hard").read())
with contextlib.suppress(OSError):
    os.symlink("@COURSE@", "course")
    print("BREACH", os.listdir("course/solutions"))


def double(x):
    return x
