"""A GPU in a learner process: what has to be open for CUDA, and how devices are started and kept steady.

Nothing here is used for a submission that runs on the CPU. What CUDA's library reads
is not documented; the paths are those that traces of it by others show.
"""

import os
import re
import warnings
from typing import Final

import torch

from grader.sandbox import landlock

ENVIRONMENT: Final = {
    # Without a work space of fixed size, cuBLAS may add up in another order each time (its manual, "Results
    # reproducibility").
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    # Kernels compiled at run time would be kept in the home, in front of the submission's own files.
    "CUDA_CACHE_DISABLE": "1",
}
KEPT: Final = ("CUDA_VISIBLE_DEVICES",)
"""What stays of the environment: which of the machine's GPUs are meant."""
SYSTEM: Final = ("/sys/bus/pci", "/sys/devices", "/sys/module")
_PROC: Final = ("/proc/devices", "/proc/modules", "/proc/driver/nvidia", "/proc/sys/vm")
# Not those for displays, profilers and the partition of a GPU: nvidia-modeset, nvidia-uvm-tools, nvidia-caps.
_NODE: Final = re.compile(r"nvidia(\d+|ctl|-uvm)")
_ALIKE_WARNING: Final = ".*does not have a deterministic implementation"


def nodes(folder: str = "/dev") -> list[str]:
    """The device files through which CUDA talks to the GPUs of this machine; none where there is no such GPU."""
    return sorted(
        os.path.join(folder, name) for name in os.listdir(folder) if _NODE.fullmatch(name)
    )


def rights() -> dict[str, int]:
    """Path to what Landlock has to allow there, beyond what the CPU needs; for the process that asks."""
    rights = dict.fromkeys(nodes(), landlock.READ | landlock.WRITE_FILE | landlock.IOCTL)
    rights |= dict.fromkeys((*SYSTEM, *_PROC, "/proc/self"), landlock.READ)
    # CUDA gives names to its threads, in /proc/self/task/*/comm.
    rights["/proc/self/task"] = landlock.READ | landlock.WRITE_FILE
    return {path: wanted for path, wanted in rights.items() if os.path.exists(path)}


def make_deterministic() -> None:
    """Have devices compute alike each time and in full precision; touches none of them."""
    os.environ.update(ENVIRONMENT)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    # An operator that has no steady way only warns: it is no mistake to use it. The public function imports
    # the compiler first, two seconds in every process.
    torch._C._set_deterministic_algorithms(True, warn_only=True)  # noqa: SLF001
    warnings.filterwarnings("ignore", message=_ALIKE_WARNING)


def start(device: str, memory_bytes: int) -> None:
    """Make ``device`` ready for this process, which takes seconds the first time; ``OSError`` where it refuses.

    Of its memory PyTorch takes ``memory_bytes`` at most. That is an agreement and no
    wall: the process sets it for itself.
    """
    make_deterministic()
    try:
        torch.ones(2, 2, device=device).sum().item()
        if device == "cuda":
            whole = torch.cuda.get_device_properties(0).total_memory
            torch.cuda.set_per_process_memory_fraction(min(1.0, memory_bytes / whole))
    except (RuntimeError, AssertionError, ValueError) as error:
        why = str(error).partition("\n")[0][:200]
        raise OSError(f"the device {device} could not be started: {why}") from None
