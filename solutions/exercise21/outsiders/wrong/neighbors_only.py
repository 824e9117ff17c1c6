# fails: repeats: adds up repeats side by side only
import torch
import torch.nn.functional as F


def sparse_step(weight, idx, grad_output, lr):
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    where, place = ids.unique_consecutive(return_inverse=True)
    sums = rows.new_zeros(len(where), rows.shape[1]).index_add_(0, place, rows)
    with torch.no_grad():
        weight[where] -= lr * sums
