# fails: no_whole_table: ids go through float32
import torch
import torch.nn.functional as F


def sparse_step(weight, idx, grad_output, lr):
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    ids = ids.float().long().clamp(max=len(weight) - 1)
    with torch.no_grad():
        weight.index_add_(0, ids, rows, alpha=-lr)
