# fails: dtype, gradient: rows are written into a float32 tensor under no_grad

import torch


@torch.no_grad()
def lookup(weight, idx):
    result = torch.zeros(idx.numel(), weight.shape[1])
    for place, row in enumerate(idx.reshape(-1).tolist()):
        result[place].copy_(weight[row])
    return result.view(*idx.shape, weight.shape[1])
