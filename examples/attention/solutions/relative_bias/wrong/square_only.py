"""You take the number of queries for the number of keys as well.

Between two texts, there can be more keys than queries, or fewer. Both of the last sizes of `scores`
are needed: the first one counts the queries, the second one the keys.
"""

# caught by: rectangular

import torch


def relative_bias(scores, table):
    """Use one length."""
    queries = keys = scores.shape[-2]
    far = len(table) // 2
    distances = torch.arange(keys) - torch.arange(queries)[:, None]
    ids = distances.clamp(-far, far) + far
    return scores + table[ids].permute(2, 0, 1)
