"""Probes that every exercise may use. They run in the learner process; see ``Learner.run``."""

import inspect
from typing import Any, Final

import torch


def vjp(
    learner: Any, function: str, arguments: list[Any], cotangent: Any
) -> tuple[Any, tuple[Any, ...]]:
    """Call the function, then send the gradient back through its result."""
    tensors = [argument for argument in arguments if isinstance(argument, torch.Tensor)]
    leaves = [tensor for tensor in tensors if tensor.requires_grad]
    for leaf in leaves:
        # The caller may have gradients of earlier calls, which the function must leave alone.
        leaf.grad = torch.zeros_like(leaf)
    result = getattr(learner, function)(*arguments)
    pairs = [(result, cotangent)]
    # A function that returns a tuple gets a gradient for each of its items.
    if isinstance(cotangent, tuple):
        items = result if isinstance(result, tuple) else ()
        pairs = list(zip(items, cotangent, strict=False))

    scalars = []
    for tensor, gradient in pairs:
        is_differentiable = isinstance(tensor, torch.Tensor) and tensor.requires_grad
        # A result of another type or shape gets no gradients; the examiner reports it.
        if is_differentiable and tensor.shape == gradient.shape:
            # A scalar: for backward(gradient) PyTorch first imports sympy, which takes 0.5 s.
            scalars.append((tensor * gradient).sum())

    # A tensor compares element by element, so arguments are told apart by their ids.
    gradients: dict[int, Any] = {}
    if scalars and leaves:
        found = torch.autograd.grad(scalars, leaves, allow_unused=True)
        for leaf, gradient in zip(leaves, found, strict=True):
            gradients[id(leaf)] = gradient

    in_order = [gradients.get(id(argument)) for argument in arguments]
    return result, tuple(in_order)


# Read here, because the fork server cannot read this file any more.
VJP_SOURCE: Final = inspect.getsource(vjp)


def id_dtypes(learner: Any, function: str, arguments: list[Any]) -> list[torch.dtype]:
    """Called the function and noted the dtypes to which it converts ids."""
    whole = (torch.int32, torch.int64)
    tensors = [argument for argument in arguments if isinstance(argument, torch.Tensor)]
    counts = {tensor.numel() for tensor in tensors if tensor.dtype in whole}
    found: list[torch.dtype] = []

    class Conversions(torch.overrides.TorchFunctionMode):
        def __torch_function__(
            self, operation: Any, types: Any, operands: Any = (), keywords: Any = None
        ) -> Any:
            result = operation(*operands, **(keywords or {}))
            if operands and isinstance(operands[0], torch.Tensor):
                is_ids = operands[0].dtype in whole and operands[0].numel() in counts
                if is_ids and isinstance(result, torch.Tensor):
                    found.append(result.dtype)
            return result

    try:
        with Conversions():
            getattr(learner, function)(*arguments)
    except Exception:
        # The other calls of a check report errors.
        return []
    return list(set(found))


ID_DTYPES_SOURCE: Final = inspect.getsource(id_dtypes)
