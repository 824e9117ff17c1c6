"""Read the memory of every visible process."""
# ends as: failed

import os

for pid in ("@VICTIM@", str(os.getppid()), "1", *map(str, range(2, 400))):
    if pid == str(os.getpid()) or (pid == "1" and os.getpid() == 1):
        continue
    for file in ("mem", "environ", "maps", "cmdline"):
        try:
            with open(f"/proc/{pid}/{file}", "rb") as stream:
                print("BREACH", pid, file, stream.read(20))
        except OSError:
            continue


def double(x):
    return x
