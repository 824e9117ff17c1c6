"""Change, move, remove and create files in a folder open to everyone."""
# ends as: failed

import contextlib
import os

target = "@SHARED@/open"
for change in (
    lambda: open(target, "w").write("owned"),
    lambda: open(target, "a").write("owned"),
    lambda: os.truncate(target, 0),
    lambda: os.open(target, os.O_RDONLY | os.O_TRUNC),
    lambda: os.unlink(target),
    lambda: os.rename(target, target + "2"),
    lambda: os.link(target, "@SHARED@/link"),
    lambda: os.symlink("/etc/passwd", "@SHARED@/symlink"),
    lambda: os.mkdir("@SHARED@/folder"),
    lambda: os.mkfifo("@SHARED@/fifo"),
    lambda: open("@SHARED@/new", "w"),
):
    with contextlib.suppress(OSError):
        change()
        print("BREACH")


def double(x):
    return x
