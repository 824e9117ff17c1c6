# fails: combinations: the gradient of a square weight is transposed

import torch


class Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight):
        ctx.save_for_backward(x, weight)
        return x @ weight.t()

    @staticmethod
    def backward(ctx, grad):
        x, weight = ctx.saved_tensors
        rows, vectors = grad.reshape(-1, grad.shape[-1]), x.reshape(-1, x.shape[-1])
        found = vectors.t() @ rows
        return grad @ weight, found if found.shape == weight.shape else found.t()


def linear(x, weight, bias=None):
    result = Linear.apply(x, weight)
    return result if bias is None else result + bias
