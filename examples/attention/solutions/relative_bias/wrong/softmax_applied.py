"""You return the attention weights.

The task is to return the scores, with the bias added to them. The softmax that turns them into
weights comes later.
"""

# caught by: value

import torch


def relative_bias(scores, table):
    """Apply softmax."""
    queries, keys = scores.shape[-2:]
    far = len(table) // 2
    distances = torch.arange(keys) - torch.arange(queries)[:, None]
    ids = distances.clamp(-far, far) + far
    return (scores + table[ids].permute(2, 0, 1)).softmax(-1)
