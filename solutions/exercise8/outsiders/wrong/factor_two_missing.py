# fails: step, dtype, several_steps: the gradient lacks the factor 2 of the square
import torch


def train_step(weight, idx, target, lr):
    w, t, i = weight.detach(), target.detach(), idx.long()
    diff = w[i] - t
    new = w.clone().index_add_(
        0, i.reshape(-1), (diff * (-lr / diff.numel())).reshape(-1, w.shape[1])
    )
    return new, diff.pow(2).mean()
