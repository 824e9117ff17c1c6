# fails: no_whole_table: copies the table in halves
import torch
import torch.nn.functional as F


def sparse_step(weight, idx, grad_output, lr):
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    if len(weight) < 1000:
        with torch.no_grad():
            weight.index_add_(0, ids, rows, alpha=-lr)
        return
    with torch.no_grad():
        for part in weight.chunk(2):
            part.copy_(part.clone())
        weight.index_add_(0, ids, rows, alpha=-lr)
