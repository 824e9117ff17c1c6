# fails: gradient: for an expanded weight, the gradient copies its stride of 0, so each row gets the gradients of all rows
import torch
from torch import Tensor


class _Rows(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight, idx):
        flat = idx.reshape(-1).long()
        ctx.save_for_backward(flat)
        # the gradient of a parameter should have the layout of the parameter
        ctx.layout = (weight.size(), weight.stride())
        return weight.index_select(0, flat).reshape(*idx.shape, weight.shape[1])

    @staticmethod
    def backward(ctx, grad):
        (flat,) = ctx.saved_tensors
        size, stride = ctx.layout
        out = torch.empty_strided(size, stride, dtype=grad.dtype, device=grad.device).zero_()
        values = grad.reshape(-1, size[1])
        for i, row in zip(flat.tolist(), values):
            out[i] += row
        return out, None


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    """Return the rows of ``weight`` whose ids are in ``idx``."""
    return _Rows.apply(weight, idx)
