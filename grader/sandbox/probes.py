"""Probes that every exercise may use. They run in the learner process; see ``Learner.run``."""

import inspect
from typing import Any, Final

import torch


def vjp(
    learner: Any, function: str, arguments: list[Any], cotangent: torch.Tensor
) -> tuple[torch.Tensor, tuple]:  # type: ignore[type-arg]
    """Call the function, then send the gradient back through its result."""
    result = getattr(learner, function)(*arguments)
    tensors = [argument for argument in arguments if isinstance(argument, torch.Tensor)]
    leaves = [tensor for tensor in tensors if tensor.requires_grad]
    # A tensor compares element by element, so arguments are told apart by their ids.
    gradients: dict[int, Any] = {}
    is_differentiable = isinstance(result, torch.Tensor) and result.requires_grad
    # A result of another shape gets no gradients; the examiner reports its shape.
    if is_differentiable and result.shape == cotangent.shape and leaves:
        # A scalar: for backward(cotangent) PyTorch first imports sympy, which takes 0.5 s.
        scalar = (result * cotangent).sum()
        found = torch.autograd.grad(scalar, leaves, allow_unused=True)
        for leaf, gradient in zip(leaves, found, strict=True):
            gradients[id(leaf)] = gradient

    in_order = [gradients.get(id(argument)) for argument in arguments]
    return result, tuple(in_order)


# Read here, because the fork server cannot read this file any more.
VJP_SOURCE: Final = inspect.getsource(vjp)
