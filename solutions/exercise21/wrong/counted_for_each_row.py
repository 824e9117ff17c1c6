"""Your code makes a tensor with one number for each row of the table.

A mask, or the counts of `torch.bincount`, has `num` numbers. That is little for a wide table, but
for a narrow one it is as large as the table. `ids.unique(return_counts=True)` counts only ids that
occur.
"""

# caught by: no_whole_table

import torch


def sparse_step(weight, idx, grad_output, lr):
    """Count for each row."""
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    counts = torch.bincount(ids, minlength=len(weight))
    assert counts.sum() == len(ids)
    with torch.no_grad():
        weight.index_add_(0, ids, rows, alpha=-lr)
