# fails: step: computes the step in float32

import torch


@torch.no_grad()
def sparse_step(weight, idx, grad_output, lr):
    dim = weight.shape[1]
    ids, place = torch.unique(idx.long(), return_inverse=True)
    sums = torch.zeros(len(ids), dim)
    sums.index_add_(0, place.reshape(-1), grad_output.reshape(idx.numel(), dim).float())
    weight[ids] -= (lr * sums).to(weight.dtype)
