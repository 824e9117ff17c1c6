"""Open what other processes have open."""
# ends as: failed

import os

for pid in ("@VICTIM@", str(os.getppid()), "1"):
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):
            print("BREACH", os.readlink(f"/proc/{pid}/fd/{name}"))
    except OSError:
        continue


def double(x):
    return x
