# fails: any_shape: uses len(idx) and the first axis only, so a 0-d idx raises and more axes get a wrong divisor
import torch


def train_step(weight, idx, target, lr):
    w, t, i = weight.detach(), target.detach(), idx.long()
    diff = w[i] - t
    n = len(i) * w.shape[1]
    loss = diff.pow(2).sum() / n
    return w.index_add(0, i.reshape(-1), (diff * (-2 * lr / n)).reshape(-1, w.shape[1])), loss
