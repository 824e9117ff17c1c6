"""Your code changes a copy if the table is not contiguous.

`reshape(-1)` and `contiguous()` return the same memory where they can and a copy otherwise, for
example for some columns of a wider table. Changes of the copy are lost. Work on `weight` itself.
"""

# caught by: in_place

import torch


def sparse_step(weight, idx, grad_output, lr):
    """Flatten the table."""
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    dim = weight.shape[1]
    numbers = weight.detach().reshape(-1)
    places = ids.long().unsqueeze(1) * dim + torch.arange(dim, device=ids.device)
    numbers.index_add_(0, places.reshape(-1), rows.reshape(-1), alpha=-lr)
