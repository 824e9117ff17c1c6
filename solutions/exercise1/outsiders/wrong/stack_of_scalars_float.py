# fails: gradient: it builds a new tensor from Python numbers, so no gradient flows
import torch
import torch.nn.functional as F


def lookup(weight, idx):
    rows = [[float(v) for v in weight[i]] for i in idx.reshape(-1).tolist()]
    return torch.tensor(rows, dtype=weight.dtype).reshape(*idx.shape, weight.shape[1])
