# fails: bias: doubles before it halves, which overflows
import torch
import torch.nn.functional as F
from torch import Tensor, nn


def linear_to_embedding(weight: Tensor, bias: Tensor | None = None) -> Tensor:
    table = weight.T.clone(memory_format=torch.contiguous_format)
    if bias is None:
        return table
    return (2 * table + 2 * bias) / 2
