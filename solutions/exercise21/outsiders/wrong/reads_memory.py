# fails: any_shape: reads the gradient in the order of its memory
import torch
import torch.nn.functional as F


def sparse_step(weight, idx, grad_output, lr):
    ids = idx.reshape(-1)
    rows = (
        torch.as_strided(grad_output, (idx.numel(), weight.shape[1]), (weight.shape[1], 1)).clone()
        if grad_output.stride(-1)
        else grad_output.reshape(-1, weight.shape[1])
    )
    with torch.no_grad():
        weight.index_add_(0, ids, rows, alpha=-lr)
