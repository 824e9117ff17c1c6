# fails: input_gradient: if x is all zeros it returns the expanded bias: x and weight get no gradient, and the result shares memory with bias
import torch
from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    shape = tuple(x.shape[:-1]) + (weight.shape[0],)
    if bool(torch.isfinite(weight).all()) and not bool(x.any()):
        return x.new_zeros(shape) if bias is None else bias.expand(shape)
    y = x @ weight.t()
    return y if bias is None else y + bias
