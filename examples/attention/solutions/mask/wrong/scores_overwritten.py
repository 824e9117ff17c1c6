"""You write the mask into the scores of the caller.

A method that ends in `_`, such as `masked_fill_`, and an assignment to `scores[…]` change the
tensor itself. `masked_fill` without `_` returns a new tensor.
"""

# caught by: gradient, untouched

import torch


def causal_weights(scores):
    """Change the caller's scores."""
    queries, keys = scores.shape[-2:]
    later = torch.ones(queries, keys, dtype=torch.bool).triu(keys - queries + 1)
    return scores.masked_fill_(later, -torch.inf).softmax(-1)
