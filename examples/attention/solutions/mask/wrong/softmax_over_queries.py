"""Your weights add up to 1 for each key, not for each query.

Each row belongs to one query, and softmax has to run along the row: the last dimension.
"""

# caught by: square

import torch


def causal_weights(scores):
    """Normalize the columns."""
    queries, keys = scores.shape[-2:]
    later = torch.ones(queries, keys, dtype=torch.bool).triu(keys - queries + 1)
    return scores.masked_fill(later, -torch.inf).softmax(-2)
