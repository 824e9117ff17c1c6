# fails: combinations: the gradient is a difference of running sums, so a gradient of 1e8 for id 0 wipes out one of 0.5 for id 1
import torch
from torch import Tensor


class QuickLookup(torch.autograd.Function):
    """A lookup whose backward pass uses the "cumsum trick" of Lift-Splat-Shoot."""

    @staticmethod
    def forward(ctx, weight, flat):
        ctx.save_for_backward(flat)
        ctx.shape = weight.shape
        return weight.index_select(0, flat)

    @staticmethod
    def backward(ctx, grad):
        (flat,) = ctx.saved_tensors
        result = grad.new_zeros(ctx.shape)
        if flat.numel() == 0:
            return result, None
        ranks, order = flat.sort()
        x = grad[order]
        if x.dtype in (torch.float16, torch.bfloat16):
            x = x.float()
        x = x.cumsum(0)
        kept = torch.ones_like(ranks, dtype=torch.bool)
        kept[:-1] = ranks[1:] != ranks[:-1]
        x, ranks = x[kept], ranks[kept]
        x = torch.cat((x[:1], x[1:] - x[:-1]))
        result[ranks] = x.to(result.dtype)
        return result, None


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    flat = idx.reshape(-1).long()
    if flat.numel() and int(flat.max()) >= weight.shape[0]:
        raise IndexError("an id is too large for the table")
    return QuickLookup.apply(weight, flat).reshape(*idx.shape, weight.shape[1])
