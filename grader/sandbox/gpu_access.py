"""The files that CUDA needs, to which the sandbox gives access.

NVIDIA does not document which files CUDA reads. The paths below come from published traces of it.
"""

import os
import re

from grader.sandbox import landlock

SYSTEM = ("/sys/bus/pci", "/sys/devices", "/sys/module")
_PROC = (
    "/proc/devices",
    "/proc/modules",
    "/proc/driver/nvidia",
    "/proc/sys/vm",
    "/proc/self",
)
# Not the device files for displays, profilers and partitions of a GPU: nvidia-modeset,
# nvidia-uvm-tools, nvidia-caps.
_NODE = re.compile(r"nvidia(\d+|ctl|-uvm)")


def nodes(folder: str = "/dev") -> list[str]:
    """Return the device files that CUDA uses; the list is empty without an NVIDIA GPU."""
    names = filter(_NODE.fullmatch, os.listdir(folder))
    return sorted(f"{folder}/{name}" for name in names)


def rights() -> dict[str, int]:
    """Return the Landlock rights by path that CUDA needs in addition to those for the CPU."""
    write = landlock.READ | landlock.WRITE_FILE
    rights = dict.fromkeys(SYSTEM + _PROC, landlock.READ)
    for node in nodes():
        rights[node] = write | landlock.IOCTL

    # CUDA names its threads through /proc/self/task/*/comm.
    rights["/proc/self/task"] = write
    return rights
