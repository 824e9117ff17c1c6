"""If an id repeats, your code moves its row by the mean of the gradients instead of their sum.

Each use of a row contributes to the loss, and gradients of contributions add up. A row that is used
ten times moves ten times as far as with one of them.
"""

# caught by: repeats

import torch


def sparse_step(weight, idx, grad_output, lr):
    """Average."""
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    where, place, counts = ids.unique(return_inverse=True, return_counts=True)
    sums = rows.new_zeros(len(where), rows.shape[1]).index_add_(0, place, rows)
    with torch.no_grad():
        weight[where] -= lr * sums / counts.unsqueeze(1)
