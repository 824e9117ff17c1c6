# fails: inputs_untouched: the mean's backward pass divides the gradient that it gets in place
import torch
from torch import Tensor


class _SumOrMean(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight, idx, bag, counts, mean):
        wide = torch.float64 if weight.dtype == torch.float64 else torch.float32
        sums = torch.zeros(counts.numel(), weight.shape[1], dtype=wide)
        sums.index_add_(0, bag, weight[idx].to(wide))
        divisor = counts.clamp(min=1).unsqueeze(1)
        if mean:
            sums.div_(divisor)
        ctx.save_for_backward(idx, bag, divisor)
        ctx.mean, ctx.num = mean, weight.shape[0]
        return sums.to(weight.dtype)

    @staticmethod
    def backward(ctx, grad):
        idx, bag, divisor = ctx.saved_tensors
        grad = grad.contiguous()
        if ctx.mean:
            grad.div_(divisor)
        out = grad.new_zeros(ctx.num, grad.shape[1])
        return out.index_add_(0, idx, grad[bag]), None, None, None, None


def embedding_bag(weight: Tensor, idx: Tensor, offsets: Tensor, mode: str) -> Tensor:
    """Return one vector for each bag of ids."""
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"unknown mode: {mode}")
    count, bags = idx.numel(), offsets.numel()
    if count == 0:
        return weight.new_zeros(bags, weight.shape[1])
    bag = torch.searchsorted(offsets.contiguous(), torch.arange(count), right=True) - 1
    counts = torch.bincount(bag, minlength=bags)
    if mode != "max":
        return _SumOrMean.apply(weight, idx, bag, counts, mode == "mean")
    rows = weight[idx]
    parts = [
        part.max(dim=0).values if part.shape[0] else part.sum(dim=0)
        for part in rows.split(counts.tolist())
    ]
    return torch.stack(parts)
