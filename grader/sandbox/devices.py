"""GPUs in a learner process: how a device starts, and computes reproducibly.

A submission that runs on the CPU uses nothing in this module.
"""

import os
import warnings

import torch

from grader.sandbox import torch_internals

ENVIRONMENT = {
    # Without a workspace of fixed size, cuBLAS may add in another order each time (cuBLAS manual,
    # "Results Reproducibility").
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    # CUDA would store the kernels that it compiles in the home, next to the submission's files.
    "CUDA_CACHE_DISABLE": "1",
}
# The environment variables that stay. This one says which GPUs the user wants.
KEPT = ("CUDA_VISIBLE_DEVICES",)
_NOT_DETERMINISTIC = ".*does not have a deterministic implementation"


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
        # Some devices fail only once something is computed on them.
        torch.ones(2, 2, device=device).sum().item()
        if device == "cuda":
            properties = torch.cuda.get_device_properties(0)
            share = memory_bytes / properties.total_memory
            torch.cuda.set_per_process_memory_fraction(min(1.0, share))
    except (RuntimeError, AssertionError, ValueError) as error:
        reason = str(error).partition("\n")[0][:200]
        raise OSError(f"the device {device} did not start: {reason}") from None
