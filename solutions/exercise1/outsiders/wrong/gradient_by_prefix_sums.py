# fails: combinations: the gradient of a row is a difference of prefix sums, so a large gradient of one row destroys the digits of the others
import torch
from torch import Tensor


class _Rows(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight, ids):
        ctx.save_for_backward(ids)
        ctx.num = weight.shape[0]
        return weight.index_select(0, ids)

    @staticmethod
    def backward(ctx, grad):
        (ids,) = ctx.saved_tensors
        order = torch.argsort(ids, stable=True)
        total = torch.cat([grad.new_zeros(1, grad.shape[1]), grad[order].cumsum(0)])
        ends = torch.bincount(ids, minlength=ctx.num).cumsum(0)
        starts = torch.cat([ends.new_zeros(1), ends[:-1]])
        return total[ends] - total[starts], None


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    rows = _Rows.apply(weight, idx.reshape(-1).long())
    return rows.reshape(*idx.shape, weight.shape[1])
