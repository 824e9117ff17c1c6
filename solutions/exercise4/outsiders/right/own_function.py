# passes: a torch.autograd.Function with its own backward

import torch


class Linear(torch.autograd.Function):
    """A linear layer with gradients written by hand."""

    @staticmethod
    def forward(ctx, x, weight, bias):
        """Multiply and add."""
        ctx.save_for_backward(x, weight, bias)
        product = torch.tensordot(x, weight, ([-1], [1]))
        return product if bias is None else product + bias

    @staticmethod
    def backward(ctx, gradient):
        """Return the three gradients."""
        x, weight, bias = ctx.saved_tensors
        rows = gradient.flatten(0, -2) if gradient.dim() > 1 else gradient.unsqueeze(0)
        inputs = x.reshape(-1, x.shape[-1])
        to_bias = None if bias is None else rows.sum(0)
        return gradient @ weight, rows.T @ inputs, to_bias


def linear(x, weight, bias=None):
    return Linear.apply(x, weight, bias)
