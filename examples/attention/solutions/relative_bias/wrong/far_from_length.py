"""You compute the row of distance 0 from the number of tokens.

It is the middle row of the table, `len(table) // 2`, for a text of any length. Try a table with
more rows than the text needs, and one with fewer.
"""

# caught by: value, clipped

import torch


def relative_bias(scores, table):
    """Take the number of tokens for far."""
    queries, keys = scores.shape[-2:]
    far = queries - 1
    distances = torch.arange(keys) - torch.arange(queries)[:, None]
    ids = distances + far
    return scores + table[ids.clamp(0, len(table) - 1)].permute(2, 0, 1)
