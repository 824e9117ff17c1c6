"""If an id repeats, your code keeps the move of only one of its uses.

`weight[ids] -= moves` reads the rows, subtracts, and writes them back. Two uses of an id read the
same old row, and the later write replaces the earlier one. `index_add_`, and `index_put_` with
`accumulate=True`, keep every contribution. Try `idx = torch.tensor([2, 2])`.
"""

# caught by: repeats

import torch


def sparse_step(weight, idx, grad_output, lr):
    """Read, subtract, write back."""
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    with torch.no_grad():
        weight[ids] -= lr * rows
