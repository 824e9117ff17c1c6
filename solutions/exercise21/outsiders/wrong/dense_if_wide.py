# fails: no_whole_table: a dense gradient for wide tables
import torch
import torch.nn.functional as F


def sparse_step(weight, idx, grad_output, lr):
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    with torch.no_grad():
        if weight.shape[1] > 1:
            weight -= lr * torch.zeros_like(weight).index_add_(0, ids, rows)
        else:
            weight.index_add_(0, ids, rows, alpha=-lr)
