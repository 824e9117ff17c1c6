# fails: contiguous: weight.T + bias keeps the transposed layout, so the table is not contiguous
import torch
from torch import Tensor


def linear_to_embedding(weight: Tensor, bias: Tensor | None = None) -> Tensor:
    if bias is None:
        return weight.T.clone(memory_format=torch.contiguous_format)
    return weight.T + bias
