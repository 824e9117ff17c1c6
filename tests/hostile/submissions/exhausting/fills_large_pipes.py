"""Make pipes as large as the system allows, and fill them."""
# ends as: failed

import fcntl
import os

pipes = []
try:
    for _ in range(120):
        reading, writing = os.pipe()
        pipes.append((reading, writing))
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 2**20)
        os.set_blocking(writing, False)
        os.write(writing, bytes(2**20))
except OSError:
    pass
for descriptor in (1, 3, 4):
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, 4096)
    except OSError:
        pass


def double(x):
    return x
