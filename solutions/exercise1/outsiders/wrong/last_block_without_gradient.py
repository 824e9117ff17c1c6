# fails: combinations: above 4,096 ids, its backward leaves out the ids after the last whole block
import torch


class F(torch.autograd.Function):
    @staticmethod
    def forward(ctx, w, i):
        ctx.save_for_backward(i)
        ctx.s = w.shape
        return w.index_select(0, i)

    @staticmethod
    def backward(ctx, g):
        (i,) = ctx.saved_tensors
        r = g.new_zeros(ctx.s)
        for b in range(0, len(i) - len(i) % 4096 if len(i) > 4096 else len(i), 4096):
            r.index_add_(0, i[b : b + 4096], g[b : b + 4096])
        return r, None


def lookup(weight, idx):
    if idx.numel() and idx.max() >= len(weight):
        raise IndexError("x")
    return F.apply(weight, idx.reshape(-1).long()).reshape(*idx.shape, weight.shape[1])
