# fails: loss, dtype: returns the loss after the step
import torch


def train_step(weight, idx, target, lr):
    w, t, i = weight.detach(), target.detach(), idx.long()
    diff = w[i] - t
    new = w.clone().index_add_(
        0, i.reshape(-1), (diff * (-2 * lr / diff.numel())).reshape(-1, w.shape[1])
    )
    return new, ((new[i] - t) ** 2).mean()
