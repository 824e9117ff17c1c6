"""You use the row of the opposite distance.

The distance is `j - i`, so a key before its query has a negative distance, and its row is in the
first half of the table. Look at the bias of query 2 for key 0.
"""

# caught by: value

import torch


def relative_bias(scores, table):
    """Subtract the key from the query."""
    queries, keys = scores.shape[-2:]
    far = len(table) // 2
    distances = torch.arange(queries)[:, None] - torch.arange(keys)
    ids = distances.clamp(-far, far) + far
    return scores + table[ids].permute(2, 0, 1)
