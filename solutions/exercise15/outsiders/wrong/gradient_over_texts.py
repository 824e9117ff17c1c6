# fails: gradient: a gradient hook divides the positions' gradient by the number of texts

import torch
from torch import Tensor


class _Broadcast(torch.autograd.Function):
    @staticmethod
    def forward(ctx, rows, shape):
        ctx.dims = tuple(range(len(shape) - 1))
        return rows.expand(*shape, rows.shape[-1]).clone()

    @staticmethod
    def backward(ctx, grad):
        return (grad.mean(dim=ctx.dims) if ctx.dims else grad), None


def embed(idx: Tensor, tokens: Tensor, positions: Tensor, start: int = 0) -> Tensor:
    length = idx.shape[-1]
    if start + length > len(positions):
        raise ValueError("the table has too few positions")
    return tokens[idx] + _Broadcast.apply(positions[start : start + length], idx.shape)
