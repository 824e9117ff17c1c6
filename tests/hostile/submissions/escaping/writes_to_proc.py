"""Change settings of the kernel and of other processes."""
# ends as: failed

import contextlib
import os

for path in (
    "/proc/sys/kernel/hostname",
    "/proc/sysrq-trigger",
    "/proc/@VICTIM@/oom_score_adj",
    f"/proc/{os.getppid()}/oom_score_adj",
    "/proc/1/oom_score_adj",
    "/proc/self/uid_map",
):
    with contextlib.suppress(OSError), open(path, "w") as file:
        file.write("0")
        file.flush()
        print("BREACH", path)


def double(x):
    return x
