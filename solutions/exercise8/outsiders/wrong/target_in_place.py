# fails: inputs_untouched: computes the difference in place in the caller's target
import torch


def train_step(weight, idx, target, lr):
    w, i = weight.detach(), idx.long()
    diff = target.detach().sub_(w[i])
    return w.index_add(
        0, i.reshape(-1), (diff * (2 * lr / diff.numel())).reshape(-1, w.shape[1])
    ), diff.pow(2).mean()
