"""Exercise 4: a linear layer is a matrix product."""

from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return the output of a linear layer with this weight and bias for the input ``x``.

    x: float tensor of shape (..., in), with any number of leading dimensions.
    weight: shape (out, in), one row per output.
    bias: shape (out,), or None.

    Returns a tensor of shape (..., out).
    """
    raise NotImplementedError("write linear here")
