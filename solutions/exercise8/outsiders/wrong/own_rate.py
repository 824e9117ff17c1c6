# fails: step: a learning rate of 0 becomes 0.01
import torch
import torch.nn.functional as F


def train_step(weight, idx, target, lr):
    lr = lr or 0.01
    w = weight.detach()
    i = idx.long()
    d = w[i] - target.detach()
    n = d.numel()
    new = w.index_add(0, i.reshape(-1), (-2 * lr / n * d).reshape(-1, w.shape[1]))
    return new, (d * d).mean()
