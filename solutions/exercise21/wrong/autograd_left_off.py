"""Your code turns autograd off for the rest of the program.

`torch.set_grad_enabled(False)` holds until somebody turns it on again. The next forward pass
records nothing, and its `backward()` raises a RuntimeError. `with torch.no_grad():` turns autograd
on again at the end of its block.
"""

# caught by: untouched

import torch


def sparse_step(weight, idx, grad_output, lr):
    """Turn autograd off."""
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    torch.set_grad_enabled(False)
    weight.index_add_(0, ids, rows, alpha=-lr)
