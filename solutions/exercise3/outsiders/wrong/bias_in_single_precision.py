# fails: combinations: the bias is added in float32 first, so float64 AND a bias loses digits of the bias
import torch
from torch import Tensor


def linear_to_embedding(weight: Tensor, bias: Tensor | None = None) -> Tensor:
    table = weight.T.clone(memory_format=torch.contiguous_format)
    if bias is not None:
        # at least float32, so that 16-bit sums are rounded only once
        table = (table + bias.float()).to(weight.dtype)
    return table
