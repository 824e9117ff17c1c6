# fails: loss, step, dtype, several_steps: divides by the number of ids only, not by the number of all numbers (wrong for dim > 1)
import torch


def train_step(weight, idx, target, lr):
    w, t, i = weight.detach(), target.detach(), idx.long()
    diff = w[i] - t
    loss = (diff**2).sum(-1).mean()
    new = w.clone().index_add_(
        0, i.reshape(-1), (diff * (-2 * lr / i.numel())).reshape(-1, w.shape[1])
    )
    return new, loss
