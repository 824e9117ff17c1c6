# passes: TorchScript compiles the function

import torch

from typing import Optional


@torch.jit.script
def scripted(x: torch.Tensor, weight: torch.Tensor, bias: Optional[torch.Tensor]) -> torch.Tensor:
    """Multiply and add."""
    product = x.matmul(weight.transpose(0, 1))
    if bias is not None:
        product = product + bias
    return product


def linear(x, weight, bias=None):
    return scripted(x, weight, bias)
