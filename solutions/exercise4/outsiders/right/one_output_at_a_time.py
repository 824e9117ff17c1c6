"""Every output on its own: multiply by one row, sum, stack in the last dimension."""

import torch
from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    biases = [None] * weight.size(0) if bias is None else list(bias.unbind())
    outputs = []
    for row, add in zip(weight.unbind(), biases, strict=True):
        number = x.mul(row).sum(dim=-1)
        outputs.append(number if add is None else number.add(add))
    return torch.stack(outputs, dim=-1)
