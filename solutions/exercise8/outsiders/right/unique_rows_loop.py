# passes: loops over the distinct ids and moves just their rows
import torch


def train_step(weight, idx, target, lr):
    w, t = weight.detach(), target.detach()
    diff = w[idx.long()] - t
    new = w.clone()
    for i in sorted(set(idx.flatten().tolist())):
        new[i] = w[i] - lr * (diff[idx == i].sum(0) * 2 / diff.numel())
    return new, (diff * diff).sum() / diff.numel()
