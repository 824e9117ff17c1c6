"""Your function works for a matrix, but not with leading dimensions.

A batch and several heads add dimensions in front, so count from the back: the queries are
`shape[-2]`, and the keys are `shape[-1]`.
"""

# caught by: leading

import torch


def causal_weights(scores):
    """Take a matrix only."""
    queries, keys = scores.shape
    later = torch.ones(queries, keys, dtype=torch.bool).triu(keys - queries + 1)
    return scores.masked_fill(later, -torch.inf).softmax(-1)
