# fails: step, repeats, any_shape, dtype, no_graph, several_steps: the rate shrinks from call to call
import torch
import torch.nn.functional as F


def train_step(weight, idx, target, lr):
    train_step.n = getattr(train_step, "n", 0) + 1
    w = weight.detach()
    i = idx.long()
    d = w[i] - target.detach()
    n = d.numel()
    new = w.index_add(
        0, i.reshape(-1), (-2 * lr / n / (1 + 1e-3 * train_step.n) * d).reshape(-1, w.shape[1])
    )
    return new, (d * d).mean()
