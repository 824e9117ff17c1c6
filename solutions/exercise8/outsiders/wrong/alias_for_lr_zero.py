# fails: inputs_untouched: for lr 0.0 it returns a view of weight that shares its memory
import torch


def train_step(weight, idx, target, lr):
    w, t, i = weight.detach(), target.detach(), idx.long()
    diff = w[i] - t
    loss = diff.pow(2).mean()
    if lr == 0:
        return w, loss
    return w.index_add(
        0, i.reshape(-1), (diff * (-2 * lr / diff.numel())).reshape(-1, w.shape[1])
    ), loss
