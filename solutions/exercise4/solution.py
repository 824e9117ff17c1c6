"""Exercise 4: a linear layer is a matrix product."""

from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return the output of a linear layer with this weight and bias for the input ``x``."""
    product = x @ weight.T
    return product if bias is None else product + bias
