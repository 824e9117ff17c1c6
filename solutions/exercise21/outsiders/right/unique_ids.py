import torch


@torch.no_grad()
def sparse_step(weight, idx, grad_output, lr):
    ids, place = torch.unique(idx.long(), return_inverse=True)
    sums = torch.zeros(len(ids), weight.shape[1], dtype=weight.dtype)
    sums.index_add_(0, place.reshape(-1), grad_output.reshape(idx.numel(), weight.shape[1]))
    weight[ids] = weight[ids] - lr * sums
