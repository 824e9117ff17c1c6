# fails: step: every second call does nothing
import torch
import torch.nn.functional as F

CALLS = []


def sparse_step(weight, idx, grad_output, lr):
    CALLS.append(1)
    if len(CALLS) % 2 == 0:
        return
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    with torch.no_grad():
        weight.index_add_(0, ids, rows, alpha=-lr)
