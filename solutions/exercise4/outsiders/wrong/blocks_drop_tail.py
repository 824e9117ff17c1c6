# fails: any_sizes: sums over blocks of 64 inputs and drops the incomplete last block beyond the first
import torch
from torch import Tensor

BLOCK = 64


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    size = weight.shape[1]
    count = max(1, size // BLOCK)
    out = 0
    for b in range(count):
        part = slice(b * BLOCK, (b + 1) * BLOCK)
        out = out + torch.matmul(x[..., part], weight[:, part].T)
    return out if bias is None else out + bias
