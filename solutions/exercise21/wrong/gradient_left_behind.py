"""Your code writes into `weight.grad`.

The gradient there belongs to the caller, who may be adding up those of several batches. The step
needs only `grad_output`; nothing has to be stored in the Parameter.
"""

# caught by: parameter

import torch


def sparse_step(weight, idx, grad_output, lr):
    """Clear the gradient."""
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    with torch.no_grad():
        weight.index_add_(0, ids, rows, alpha=-lr)
    if weight.requires_grad:
        weight.grad = None
