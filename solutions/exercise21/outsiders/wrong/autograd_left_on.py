# fails: untouched: turns autograd on at the end, even if the caller had it off

import torch


def sparse_step(weight, idx, grad_output, lr):
    torch.set_grad_enabled(False)
    try:
        rows = grad_output.reshape(idx.numel(), weight.shape[1])
        weight.index_add_(0, idx.reshape(-1), rows, alpha=-lr)
    finally:
        torch.set_grad_enabled(True)
