"""Which devices this machine has: asked in the examiner, after its fork server was forked, and only when needed."""

import functools

import torch

from grader.sandbox import devices

CPU = "cpu"


@functools.cache
def present() -> list[str]:
    """The devices that PyTorch can compute on here, the CPU first; from now on the others compute steadily."""
    # Asking initialises CUDA, and whatever is forked afterwards could not use it.
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    there = [name for name, is_there in found.items() if is_there]
    if there:
        devices.make_deterministic()
    return [CPU, *there]


def why_unavailable(device: str) -> str:
    """Why nothing can run on ``device``, in a sentence; empty where it can."""
    if device == CPU or device in present():
        return ""
    built = {
        "cuda": torch.version.cuda or torch.version.hip,
        "mps": torch.backends.mps.is_built(),
    }.get(device)
    why = "PyTorch finds none" if built else "this PyTorch was built without support for one"
    return f"This machine has no device `{device}`: {why}."
