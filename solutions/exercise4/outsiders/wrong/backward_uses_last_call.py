# fails: inputs_untouched: own backward keeps its tensors on the class: two calls before one backward (two layers) give wrong gradients or an error
import torch
from torch import Tensor


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight):
        _Product.x, _Product.weight = x.detach(), weight.detach()
        return x @ weight.t()

    @staticmethod
    def backward(ctx, grad):
        x, weight = _Product.x, _Product.weight
        flat = grad.reshape(-1, weight.shape[0])
        return grad @ weight, flat.t() @ x.reshape(-1, weight.shape[1])


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    y = _Product.apply(x, weight)
    return y if bias is None else y + bias
