# passes: an autograd Function keeps the winning ids or the bag numbers and adds gradients itself
import torch


class _Bag(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight, idx, offsets, mode):
        num, dim = weight.shape
        wide = torch.float64 if weight.dtype == torch.float64 else torch.float32
        cuts = offsets.tolist() + [len(idx)]
        out = torch.zeros(len(offsets), dim, dtype=wide)
        steps = []
        for b, (lo, hi) in enumerate(zip(cuts, cuts[1:])):
            if lo == hi:
                continue
            ids = idx[lo:hi]
            rows = weight[ids].to(wide)
            if mode == "max":
                best = rows.max(0)
                out[b] = best.values
                steps.append((b, ids[best.indices]))
            else:
                out[b] = rows.sum(0) / (hi - lo if mode == "mean" else 1)
                steps.append((b, ids))
        ctx.steps, ctx.size, ctx.mode, ctx.wide = steps, (num, dim), mode, wide
        return out.to(weight.dtype)

    @staticmethod
    def backward(ctx, grad):
        full = torch.zeros(ctx.size, dtype=ctx.wide)
        columns = torch.arange(ctx.size[1])
        for b, ids in ctx.steps:
            g = grad[b].to(ctx.wide)
            if ctx.mode == "max":
                full[ids, columns] += g
            else:
                share = g / (len(ids) if ctx.mode == "mean" else 1)
                full.index_add_(0, ids, share.expand(len(ids), -1).contiguous())
        return full.to(grad.dtype), None, None, None


def embedding_bag(weight, idx, offsets, mode):
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"{mode!r}: no such mode")
    return _Bag.apply(weight, idx, offsets, mode)
