"""Your code multiplies the caller's `grad_output` in place.

`*=` and methods that end in `_` write into the tensor itself, so the next layer, or the next call,
gets other gradients. `lr * rows` is a new tensor.
"""

# caught by: any_shape, untouched

import torch


def sparse_step(weight, idx, grad_output, lr):
    """Scale in place."""
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    rows *= -lr
    with torch.no_grad():
        weight.index_add_(0, ids, rows)
