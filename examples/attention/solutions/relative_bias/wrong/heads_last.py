"""You add the numbers of the table with the heads in the last dimension.

A lookup appends the width of the table, so the bias has the shape (queries, keys, heads). In the
scores the heads come before the queries. Print both shapes.
"""

# caught by: value

import torch


def relative_bias(scores, table):
    """Leave the heads last."""
    queries, keys = scores.shape[-2:]
    far = len(table) // 2
    distances = torch.arange(keys) - torch.arange(queries)[:, None]
    ids = distances.clamp(-far, far) + far
    return scores + table[ids]
