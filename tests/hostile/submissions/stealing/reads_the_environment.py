"""Search its environment for secrets."""
# ends as: failed

import os

known = {"HOME", "TMPDIR", "PATH", "LANG", "LC_CTYPE", "MPLBACKEND", "USER"}
if set(os.environ) - known:
    print("BREACH", sorted(set(os.environ) - known))
try:
    with open("/proc/self/environ") as file:
        print("BREACH", file.read()) if "HOSTILE_SECRET" in file.read() else None
except OSError:
    pass


def double(x):
    return x
