# passes: a module that holds the tensors

from torch import nn


class Layer(nn.Module):
    """A layer around tensors of the caller."""

    def __init__(self, weight, bias):
        """Keep the tensors."""
        super().__init__()
        self.columns = weight.mT
        self.shift = bias

    def forward(self, x):
        """Multiply and add."""
        product = x @ self.columns
        return product if self.shift is None else product + self.shift


def linear(x, weight, bias=None):
    return Layer(weight, bias)(x)
