"""Probes that every exercise may use. They run beside the learner's code; see ``Learner.run``."""

from typing import Any

import torch


def vjp(learner: Any, function: str, arguments: list[Any], cotangent: torch.Tensor) -> tuple[torch.Tensor, tuple]:  # type: ignore[type-arg]
    """Call the function, then backward from its result with the given gradient."""
    result = getattr(learner, function)(*arguments)
    leaves = [a for a in arguments if isinstance(a, torch.Tensor) and a.requires_grad]
    if leaves and isinstance(result, torch.Tensor) and result.requires_grad:
        torch.autograd.backward(result, cotangent, inputs=leaves)
    return result, tuple(a.grad if isinstance(a, torch.Tensor) else None for a in arguments)
