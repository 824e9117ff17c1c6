# fails: other_rows: drops gradients that are not finite
import torch
import torch.nn.functional as F


def sparse_step(weight, idx, grad_output, lr):
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    rows = torch.nan_to_num(rows, posinf=0.0, neginf=0.0)
    with torch.no_grad():
        weight.index_add_(0, ids, rows, alpha=-lr)
