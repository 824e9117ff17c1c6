# fails: inputs_untouched: its backward adds to a buffer made in forward, so a second pass through one result returns the sum of both
import torch
from torch import Tensor


class _Lookup(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight, idx):
        flat = idx.reshape(-1).long()
        ctx.save_for_backward(flat)
        # reserve the memory now, so that backward cannot fail for lack of it
        ctx.grad_weight = torch.zeros(weight.shape, dtype=weight.dtype, device=weight.device)
        return weight.index_select(0, flat).reshape(*idx.shape, weight.shape[1])

    @staticmethod
    def backward(ctx, grad_output):
        (flat,) = ctx.saved_tensors
        grad = ctx.grad_weight
        return grad.index_add_(0, flat, grad_output.reshape(flat.numel(), grad.shape[1])), None


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    """Return the rows of ``weight`` whose ids are in ``idx``."""
    return _Lookup.apply(weight, idx)
