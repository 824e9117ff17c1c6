# passes: adds the products of one input after another, in the dtype of the inputs
import torch
from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    out = x.new_zeros(x.shape[:-1] + (weight.shape[0],))
    for k in range(x.shape[-1]):
        out = out + x[..., k, None] * weight[:, k]
    if bias is not None:
        out = out + bias
    return out
