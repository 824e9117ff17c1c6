"""You mask a query's own position too.

A token may attend to itself. The first token has no earlier one, so without itself it has no key
at all: the softmax of a row that is -inf everywhere is nan. Look at which diagonal `triu` starts.
"""

# caught by: square

import torch


def causal_weights(scores):
    """Start the mask at the diagonal."""
    queries, keys = scores.shape[-2:]
    later = torch.ones(queries, keys, dtype=torch.bool).triu(keys - queries)
    return scores.masked_fill(later, -torch.inf).softmax(-1)
