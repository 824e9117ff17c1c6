# fails: no_whole_table: a mask with a byte for each row
import torch
import torch.nn.functional as F


def sparse_step(weight, idx, grad_output, lr):
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    hit = torch.zeros(len(weight), dtype=torch.bool)
    hit[ids.long()] = True
    where = hit.nonzero()[:, 0]
    place = torch.searchsorted(where, ids.long())
    sums = rows.new_zeros(len(where), rows.shape[1]).index_add_(0, place, rows)
    with torch.no_grad():
        weight[where] -= lr * sums
