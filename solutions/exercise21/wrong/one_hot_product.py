"""Your code multiplies one-hot rows by the gradients, so infinity spoils rows without an id.

A product reads every gradient for every row, most of them times zero, and `0 * inf` is nan. It also
needs a one-hot matrix with `num` columns, which is larger than the table if there are more ids than
columns. Add rows at their ids instead.
"""

# caught by: other_rows

import torch


def sparse_step(weight, idx, grad_output, lr):
    """Multiply."""
    ids, rows = idx.reshape(-1), grad_output.reshape(-1, weight.shape[1])
    one_hot = (ids == torch.arange(len(weight), device=ids.device).unsqueeze(1)).to(rows.dtype)
    with torch.no_grad():
        weight -= lr * (one_hot @ rows)
