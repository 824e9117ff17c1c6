# fails: bias_gradient: the backward sums over no dimension, which sums all: a 1-d x AND a trainable bias gives every bias the same gradient
import torch
from torch import Tensor


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias):
        ctx.save_for_backward(x, weight)
        y = x @ weight.T
        return y if bias is None else y + bias

    @staticmethod
    def backward(ctx, grad):
        x, weight = ctx.saved_tensors
        outs, ins = weight.shape
        grad_x = grad @ weight
        grad_weight = grad.reshape(-1, outs).T @ x.reshape(-1, ins)
        grad_bias = None
        if ctx.needs_input_grad[2]:
            leading = tuple(range(grad.dim() - 1))
            grad_bias = grad.sum(leading).expand(outs)
        return grad_x, grad_weight, grad_bias


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    return _Linear.apply(x, weight, bias)
