"""Accumulate weight and bias in place into a fresh table, which autograd records."""

import torch
from torch import Tensor


def linear_to_embedding(weight: Tensor, bias: Tensor | None = None) -> Tensor:
    table = torch.empty(weight.shape[1], weight.shape[0], dtype=weight.dtype, device=weight.device)
    table.copy_(weight.permute(1, 0))
    if bias is not None:
        table.add_(bias[None])
    return table
