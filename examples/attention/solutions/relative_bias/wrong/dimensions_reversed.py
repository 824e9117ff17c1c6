"""You bring the heads to the front, and swap the queries and the keys with it.

`transpose(0, 2)` turns (queries, keys, heads) into (heads, keys, queries). So each query gets the
bias of the opposite distance, and only square scores fit.
"""

# caught by: value

import torch


def relative_bias(scores, table):
    """Reverse all dimensions."""
    queries, keys = scores.shape[-2:]
    far = len(table) // 2
    distances = torch.arange(keys) - torch.arange(queries)[:, None]
    ids = distances.clamp(-far, far) + far
    return scores + table[ids].permute(2, 1, 0)
