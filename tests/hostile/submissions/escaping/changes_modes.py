"""Change the mode, owner, times and attributes of files that it may not open."""
# ends as: failed

import contextlib
import os

for target in ("@SHARED@/open", "@SHARED@/owned", "@SHARED@", os.__file__):
    for change in (
        lambda: os.chmod(target, 0o7777),
        lambda: os.utime(target, (0, 0)),
        lambda: os.setxattr(target, "user.owned", b"1"),
        lambda: os.chown(target, os.getuid(), os.getgid()),
    ):
        with contextlib.suppress(OSError):
            change()  # whether it did anything is looked at from outside


def double(x):
    return x
