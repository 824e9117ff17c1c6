"""You add the bias to the caller's scores.

`+=` on a tensor changes the tensor itself, also that of the caller. `scores + bias` makes a new
one.
"""

# caught by: scores_gradient, untouched

import torch


def relative_bias(scores, table):
    """Change the caller's scores."""
    queries, keys = scores.shape[-2:]
    far = len(table) // 2
    distances = torch.arange(keys) - torch.arange(queries)[:, None]
    ids = distances.clamp(-far, far) + far
    scores += table[ids].permute(2, 0, 1)
    return scores
