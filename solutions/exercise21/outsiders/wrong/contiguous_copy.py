# fails: in_place: works on a contiguous copy
import torch
import torch.nn.functional as F


def sparse_step(weight, idx, grad_output, lr):
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    weight.detach().contiguous().index_add_(0, ids, rows, alpha=-lr)
