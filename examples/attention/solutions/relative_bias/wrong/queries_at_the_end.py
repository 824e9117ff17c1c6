"""You place the queries at the end of the keys.

That is right with a cache, where the queries are the newest tokens. Here row `i` belongs to query
`i` and column `j` to key `j`, and both count from 0.
"""

# caught by: rectangular

import torch


def relative_bias(scores, table):
    """Count the queries from the end of the keys."""
    queries, keys = scores.shape[-2:]
    far = len(table) // 2
    distances = torch.arange(keys) - torch.arange(keys - queries, keys)[:, None]
    ids = distances.clamp(-far, far) + far
    return scores + table[ids].permute(2, 0, 1)
