"""Which devices this machine has. Asked in the examiner, after its fork server was forked."""

import functools

import torch

from grader.sandbox import devices

CPU = "cpu"


@functools.cache
def present() -> list[str]:
    """Return the devices on which PyTorch can compute here, the CPU first.

    Detecting a GPU initializes CUDA, and a process that is forked later cannot use it.
    """
    found = [CPU]
    if torch.cuda.is_available():
        found.append("cuda")

    if torch.backends.mps.is_available():
        found.append("mps")

    if len(found) > 1:
        # The reference must give one result per seed, as submissions do.
        devices.make_deterministic()

    return found


def why_unavailable(device: str) -> str:
    """Return a sentence that says why nothing can run on ``device``; empty if it can."""
    if device == CPU or device in present():
        return ""
    if device == "cuda":
        # PyTorch calls AMD's GPUs cuda, too.
        is_supported = bool(torch.version.cuda or torch.version.hip)
    else:
        is_supported = device == "mps" and torch.backends.mps.is_built()

    why = "this PyTorch was built without support for it"
    if is_supported:
        why = "PyTorch finds none"

    return f"This machine has no device `{device}`: {why}."
