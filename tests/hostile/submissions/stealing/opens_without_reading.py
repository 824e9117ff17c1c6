"""Open the files of others only to name them, then try every way to their content."""
# ends as: failed

import os

for path in ("@SHARED@/secret", "@COURSE@/solutions/target/checks.py"):
    try:
        handle = os.open(path, os.O_PATH)
    except OSError:
        continue
    ways = (
        lambda handle: os.read(handle, 100),
        lambda handle: open(f"/proc/self/fd/{handle}").read(),
        lambda handle: open(f"/dev/fd/{handle}").read(),
        lambda handle: os.link(f"/proc/self/fd/{handle}", "mine") or open("mine").read(),
        lambda handle: os.sendfile(1, handle, 0, 100),
    )
    for way in ways:
        try:
            print("BREACH", way(handle))
        except OSError:
            continue


def double(x):
    return x
