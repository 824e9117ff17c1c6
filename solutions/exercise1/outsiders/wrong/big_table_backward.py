# fails: combinations: the backward of large tables assigns instead of adding, so more than 256 rows AND a repeated id loses gradients
import torch
from torch import Tensor


class _Lookup(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight, idx):
        ctx.save_for_backward(idx)
        ctx.size = weight.shape
        return weight[idx]

    @staticmethod
    def backward(ctx, grad):
        (idx,) = ctx.saved_tensors
        table = grad.new_zeros(ctx.size)
        flat, rows = idx.reshape(-1), grad.reshape(idx.numel(), ctx.size[1])
        if ctx.size[0] <= 256:
            table.index_add_(0, flat, rows)
        else:
            table[flat] = rows
        return table, None


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    return _Lookup.apply(weight, idx)
