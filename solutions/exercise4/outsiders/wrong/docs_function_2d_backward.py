# fails: weight_gradient: the gradient of its own function is right for a matrix only

import torch


class Product(torch.autograd.Function):
    """A product with a gradient of its own."""

    @staticmethod
    def forward(ctx, x, weight):
        """Multiply."""
        ctx.save_for_backward(x, weight)
        return x @ weight.T

    @staticmethod
    def backward(ctx, gradient):
        """Multiply the transposes."""
        x, weight = ctx.saved_tensors
        return gradient @ weight, (gradient.mT @ x).reshape(-1, *weight.shape)[0]


def linear(x, weight, bias=None):
    return Product.apply(x, weight) if bias is None else Product.apply(x, weight) + bias
