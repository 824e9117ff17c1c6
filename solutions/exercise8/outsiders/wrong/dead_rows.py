# fails: step: rows of zeros never move
import torch
import torch.nn.functional as F


def train_step(weight, idx, target, lr):
    w = weight.detach()
    i = idx.long()
    d = w[i] - target.detach()
    n = d.numel()
    new = w.index_add(0, i.reshape(-1), (-2 * lr / n * d).reshape(-1, w.shape[1]))
    new = torch.where((w == 0).all(1, keepdim=True), w, new)
    return new, (d * d).mean()
