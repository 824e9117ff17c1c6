"""Probes that every exercise may use. They run beside the learner's code; see ``Learner.run``."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import torch


def vjp(
    learner: Any, function: str, arguments: list[Any], cotangent: torch.Tensor
) -> tuple[torch.Tensor, tuple]:  # type: ignore[type-arg]
    """Call the function, then send the gradient back through its result."""
    result = getattr(learner, function)(*arguments)
    leaves = [a for a in arguments if isinstance(a, torch.Tensor) and a.requires_grad]
    gradients: Iterator[Any] = iter(())
    if (
        leaves
        and isinstance(result, torch.Tensor)
        and result.requires_grad
        and result.shape == cotangent.shape
    ):
        # A scalar: for backward(cotangent) PyTorch imports sympy first, half a second in every process.
        gradients = iter(torch.autograd.grad((result * cotangent).sum(), leaves, allow_unused=True))
    return result, tuple(
        next(gradients, None) if any(a is leaf for leaf in leaves) else None for a in arguments
    )


def reference_vjp(
    function: Callable[..., torch.Tensor], *arguments: Any, cotangent: torch.Tensor
) -> tuple[torch.Tensor, tuple[torch.Tensor | None, ...]]:
    """What ``learner.vjp`` should give: the same, of a function of the checks' own."""
    result, gradients = vjp(
        SimpleNamespace(function=function), "function", list(arguments), cotangent
    )
    return result.detach(), gradients
