"""Your code makes another tensor as large as the table.

A table that fills most of the memory leaves no room for a second one. `zeros_like(weight)`,
`weight - ...`, `weight.clone()`, and `backward()` without `sparse=True` each make one. Only the
looked-up rows move, so tensors of that many rows are enough; methods that end in `_` change the
table where it is.
"""

# caught by: no_whole_table

import torch


def sparse_step(weight, idx, grad_output, lr):
    """Make the whole gradient."""
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    gradient = torch.zeros_like(weight, requires_grad=False).index_add_(0, ids, rows)
    with torch.no_grad():
        weight -= lr * gradient
