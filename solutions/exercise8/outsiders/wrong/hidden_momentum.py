# fails: step, repeats, any_shape, dtype, no_graph, several_steps: keeps a momentum buffer on the function between calls, so several steps differ from plain SGD
import torch

_buf = {}


def train_step(weight, idx, target, lr):
    w, t, i = weight.detach(), target.detach(), idx.long()
    diff = w[i] - t
    grad = torch.zeros_like(w).index_add_(
        0, i.reshape(-1), (2 * diff / diff.numel()).reshape(-1, w.shape[1])
    )
    key = (tuple(w.shape), w.dtype)
    old = _buf.get(key)
    step = grad if old is None else 0.9 * old + grad
    _buf[key] = step
    return w - lr * step, diff.pow(2).mean()
