"""You use the dot products as scores and do not divide them.

With more columns the dot products grow, and almost all weight goes to one key. Divide by the square
root of the size of a query.
"""

# caught by: one

import torch


def step(query, key, value, past_keys, past_values):
    """Leave out the square root."""
    keys = torch.cat([past_keys, key], -2)
    values = torch.cat([past_values, value], -2)
    scores = query @ keys.mT
    later = torch.ones_like(scores, dtype=torch.bool).triu(past_keys.shape[-2] + 1)
    weights = scores.masked_fill(later, -torch.inf).softmax(-1)
    return weights @ values, keys, values
