# fails: combinations: above 8,192 vectors, the weight gradient leaves out those after the last whole block
import torch


class F(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        return x @ w.T

    @staticmethod
    def backward(ctx, g):
        x, w = ctx.saved_tensors
        gw = None
        if ctx.needs_input_grad[1]:
            rows, xs = g.reshape(-1, g.shape[-1]), x.reshape(-1, x.shape[-1])
            n = len(rows)
            gw = torch.zeros_like(w)
            for b in range(0, n if n < 8192 else n // 8192 * 8192, 8192):
                gw += rows[b : b + 8192].T @ xs[b : b + 8192]
        return g @ w, gw


def linear(x, weight, bias=None):
    r = F.apply(x, weight)
    return r if bias is None else r + bias
