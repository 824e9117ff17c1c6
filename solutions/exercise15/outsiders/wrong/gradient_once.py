# fails: gradient: a repeated id gets one gradient only
import torch


class Rows(torch.autograd.Function):
    @staticmethod
    def forward(ctx, table, idx):
        ctx.save_for_backward(idx)
        ctx.size = table.shape
        return table[idx]

    @staticmethod
    def backward(ctx, grad):
        (idx,) = ctx.saved_tensors
        out = grad.new_zeros(ctx.size)
        out[idx] = grad
        return out, None


def embed(idx, tokens, positions, start=0):
    rows = Rows.apply(tokens, idx)
    return rows + positions[torch.arange(start, start + idx.shape[-1])]
