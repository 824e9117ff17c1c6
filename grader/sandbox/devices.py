"""GPUs in a learner process: what CUDA needs access to, and how a device starts.

A submission that runs on the CPU uses nothing in this module. NVIDIA does not document
which files CUDA reads. The paths below come from published traces of it.
"""

import os
import re
import warnings

import torch

from grader.sandbox import landlock, torch_internals

ENVIRONMENT = {
    # Without a workspace of fixed size, cuBLAS may add in another order each time (cuBLAS manual,
    # "Results Reproducibility").
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    # CUDA would store the kernels that it compiles in the home, next to the submission's files.
    "CUDA_CACHE_DISABLE": "1",
}
# The environment variables that stay. This one says which GPUs the user wants.
KEPT = ("CUDA_VISIBLE_DEVICES",)
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
_NOT_DETERMINISTIC = ".*does not have a deterministic implementation"


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


def make_deterministic() -> None:
    """Make all devices compute reproducibly and in full precision, without starting one."""
    os.environ.update(ENVIRONMENT)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    # A warning only, because a submission may use an operator without a deterministic version.
    torch_internals.set_deterministic(True, warn_only=True)
    warnings.filterwarnings("ignore", message=_NOT_DETERMINISTIC)


def start(device: str, memory_bytes: int) -> None:
    """Start ``device`` for this process, which can take seconds.

    PyTorch then uses at most ``memory_bytes`` of the device's memory. The process sets
    this limit itself and could remove it. Raises ``OSError`` if the device does not start.
    """
    make_deterministic()
    try:
        torch.ones(2, 2, device=device).sum().item()
        if device == "cuda":
            properties = torch.cuda.get_device_properties(0)
            share = memory_bytes / properties.total_memory
            torch.cuda.set_per_process_memory_fraction(min(1.0, share))
    except (RuntimeError, AssertionError, ValueError) as error:
        reason = str(error).partition("\n")[0][:200]
        raise OSError(f"the device {device} did not start: {reason}") from None
