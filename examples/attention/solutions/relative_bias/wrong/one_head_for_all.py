"""You add the numbers of the first head to all heads.

Each column of the table belongs to one head. With numbers of its own, one head can prefer close
tokens and another one those far away.
"""

# caught by: value

import torch


def relative_bias(scores, table):
    """Use the first column only."""
    queries, keys = scores.shape[-2:]
    far = len(table) // 2
    distances = torch.arange(keys) - torch.arange(queries)[:, None]
    ids = distances.clamp(-far, far) + far
    return scores + table[:, 0][ids]
