"""You index the table with the distances themselves.

The first row of the table belongs to the distance `-far`, not to 0. Python accepts negative ids and
counts them from the end, so there is no error. Which number turns `-far` into 0?
"""

# caught by: value

import torch


def relative_bias(scores, table):
    """Let negative ids count from the end."""
    queries, keys = scores.shape[-2:]
    far = len(table) // 2
    distances = torch.arange(keys) - torch.arange(queries)[:, None]
    ids = distances.clamp(-far, far)
    return scores + table[ids].permute(2, 0, 1)
