# fails: gradient: backward multiplies with a mask, and an infinite gradient times 0 is nan
import torch
from torch import Tensor


class ShardLookup(torch.autograd.Function):
    @staticmethod
    def forward(ctx, shard, local, mask):
        ctx.save_for_backward(local, mask)
        ctx.shape = shard.shape
        rows = shard.index_select(0, local)
        return rows.masked_fill(~mask.unsqueeze(1), 0.0)

    @staticmethod
    def backward(ctx, grad_output):
        local, mask = ctx.saved_tensors
        grad = grad_output * mask.unsqueeze(1).to(grad_output.dtype)
        result = grad_output.new_zeros(ctx.shape)
        return result.index_add(0, local, grad), None, None


def shard_lookup(shard: Tensor, idx: Tensor, first: int) -> Tensor:
    rows, dim = shard.shape
    if rows == 0:
        return shard.new_zeros(*idx.shape, dim) + shard.sum()
    local = idx.reshape(-1).long() - first
    mask = (local >= 0) & (local < rows)
    local = local.masked_fill(~mask, 0)
    return ShardLookup.apply(shard, local, mask).reshape(*idx.shape, dim)
