"""Reach roots and folders of other processes through /proc."""
# ends as: failed

import os

for pid in ("self", "1", str(os.getppid()), "@VICTIM@"):
    for way in ("root", "cwd"):
        for place in ("@COURSE@/solutions/target/checks.py", "@SHARED@/secret"):
            try:
                with open(f"/proc/{pid}/{way}{place}") as file:
                    print("BREACH", file.read())
            except OSError:
                continue


def double(x):
    return x
