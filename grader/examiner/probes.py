"""What the probes that every exercise may use should return."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import torch

from grader.sandbox.probes import vjp


def reference_vjp(
    function: Callable[..., Any],
    *arguments: Any,
    cotangent: torch.Tensor | tuple[torch.Tensor, ...],
) -> tuple[Any, tuple[torch.Tensor | None, ...]]:
    """Return the result and gradients that ``learner.vjp`` should return for ``function``."""
    reference = SimpleNamespace(function=function)
    result, gradients = vjp(reference, "function", list(arguments), cotangent)
    if isinstance(result, tuple):
        return tuple(item.detach() for item in result), gradients
    return result.detach(), gradients
