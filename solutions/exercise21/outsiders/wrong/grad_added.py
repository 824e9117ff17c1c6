# fails: parameter: adds the gradient to weight.grad
import torch
import torch.nn.functional as F


def sparse_step(weight, idx, grad_output, lr):
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    with torch.no_grad():
        weight.index_add_(0, ids, rows, alpha=-lr)
        if weight.grad is not None:
            weight.grad.index_add_(0, ids, rows)
