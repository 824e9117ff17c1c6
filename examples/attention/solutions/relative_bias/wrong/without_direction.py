"""You use the same row for a key before a query and for one after it.

The table has a row for each distance from `-far` to `far`. Without the sign, a head cannot learn to
look only at the token before.
"""

# caught by: value

import torch


def relative_bias(scores, table):
    """Ignore the sign of the distance."""
    queries, keys = scores.shape[-2:]
    far = len(table) // 2
    distances = (torch.arange(keys) - torch.arange(queries)[:, None]).abs()
    ids = distances.clamp(-far, far) + far
    return scores + table[ids].permute(2, 0, 1)
