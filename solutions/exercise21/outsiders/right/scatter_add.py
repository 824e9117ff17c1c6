# passes: scatter_add_ with expanded ids
import torch
import torch.nn.functional as F


def sparse_step(weight, idx, grad_output, lr):
    dim = weight.size(-1)
    places = idx.long().reshape(-1, 1).expand(-1, dim)
    with torch.no_grad():
        weight.scatter_add_(0, places, grad_output.reshape(-1, dim).mul(-lr))
