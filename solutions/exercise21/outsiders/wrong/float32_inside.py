# fails: step: steps in float32
import torch
import torch.nn.functional as F


def sparse_step(weight, idx, grad_output, lr):
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    new = weight.detach().float()[ids]
    with torch.no_grad():
        weight.index_add_(0, ids, ((new - lr * rows.float()) - new).to(weight.dtype))
