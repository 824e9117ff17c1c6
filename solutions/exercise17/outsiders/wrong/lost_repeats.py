# fails: gradient: a gradient of its own loses repeats
import torch
import torch.nn.functional as F


def sgns_loss(centers, contexts, center, context, negatives):
    class Rows(torch.autograd.Function):
        @staticmethod
        def forward(ctx, table, idx):
            ctx.save_for_backward(idx)
            ctx.shape = table.shape
            return table[idx]

        @staticmethod
        def backward(ctx, g):
            (idx,) = ctx.saved_tensors
            out = g.new_zeros(ctx.shape)
            out[idx.reshape(-1)] = g.reshape(-1, g.shape[-1])
            return out, None

    c = Rows.apply(centers, center)
    pos = (c * Rows.apply(contexts, context)).sum(-1)
    neg = (c.unsqueeze(-2) * Rows.apply(contexts, negatives)).sum(-1)
    return -(F.logsigmoid(pos) + F.logsigmoid(-neg).sum(-1)).mean()
