# fails: any_shape: idx.view(-1) and target.view raise for transposed tensors
import torch


def train_step(weight, idx, target, lr):
    w = weight.detach()
    flat = idx.view(-1)
    t = target.detach().view(-1, w.shape[1])
    diff = w.index_select(0, flat) - t
    return w.index_add(0, flat, diff * (-2 * lr / diff.numel())), diff.pow(2).mean()
