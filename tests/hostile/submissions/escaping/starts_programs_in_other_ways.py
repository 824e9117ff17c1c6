"""Start programs by posix_spawn, pty and multiprocessing."""
# ends as: failed

import multiprocessing
import os
import pty

for start in (
    lambda: os.posix_spawn("/bin/true", ["true"], {}),
    pty.fork,
    lambda: multiprocessing.get_context("spawn").Process(target=print).start(),
    lambda: multiprocessing.get_context("forkserver").Process(target=print).start(),
):
    try:
        start()
        print("BREACH started")
    except (OSError, AttributeError):
        continue


def double(x):
    return x
