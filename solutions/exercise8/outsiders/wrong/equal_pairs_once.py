# fails: repeats: equal pairs of id and target count once

import torch


def train_step(weight, idx, target, lr):
    w = weight.detach()
    dim = w.shape[1]
    ids = idx.reshape(-1).long()
    wanted = target.detach().reshape(-1, dim)
    loss = ((w[ids] - wanted) ** 2).mean()
    done = set()
    grad = torch.zeros_like(w)
    for i, t in zip(ids.tolist(), wanted, strict=True):
        key = (i, tuple(t.tolist()))
        if key not in done:
            done.add(key)
            grad[i] += 2 * (w[i] - t) / wanted.numel()
    return w - lr * grad, loss
