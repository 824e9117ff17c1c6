"""You expect exactly four dimensions.

`batch, heads, queries, keys = scores.shape` raises a ValueError for any other number of dimensions.
Count the dimensions from the end: `scores.shape[-2:]`.
"""

# caught by: leading

import torch


def relative_bias(scores, table):
    """Unpack four sizes."""
    _batch, _heads, queries, keys = scores.shape
    far = len(table) // 2
    distances = torch.arange(keys) - torch.arange(queries)[:, None]
    ids = distances.clamp(-far, far) + far
    return scores + table[ids].permute(2, 0, 1)
