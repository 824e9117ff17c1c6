# fails: combinations: an own backward adds in float32, also the gradient of a float64 weight

import torch


class Rows(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight, ids):
        ctx.save_for_backward(ids)
        ctx.num = weight.shape[0]
        return weight[ids]

    @staticmethod
    def backward(ctx, grad):
        (ids,) = ctx.saved_tensors
        total = torch.zeros(ctx.num, grad.shape[-1])
        total.index_put_((ids,), grad.float(), accumulate=True)
        return total.to(grad.dtype), None


def lookup(weight, idx):
    return Rows.apply(weight, idx.long())
