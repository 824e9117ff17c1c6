"""Open the devices of the machine."""
# ends as: failed

import glob
import os

for path in (
    *glob.glob("/dev/*"),
    "/dev/mem",
    "/dev/kmsg",
    "/dev/vda",
    "/dev/sda",
    "/dev/fuse",
    "/dev/kvm",
    "/dev/ptmx",
):
    if path in (
        "/dev/null",
        "/dev/zero",
        "/dev/full",
        "/dev/random",
        "/dev/urandom",
    ) or os.path.isdir(path):
        continue
    try:
        os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        print("BREACH", path)
    except OSError:
        continue


def double(x):
    return x
