# passes: index_put_ with accumulate
import torch
import torch.nn.functional as F


def sparse_step(weight, idx, grad_output, lr):
    with torch.no_grad():
        weight.index_put_((idx,), -lr * grad_output, accumulate=True)
