"""Your weights add up to 1 over the queries instead of over the keys.

With one new token every weight is then 1, and the output is the sum of all values. Each row of
scores belongs to a query, so softmax goes along the last dimension.
"""

# caught by: one

import torch


def step(query, key, value, past_keys, past_values):
    """Normalize each column."""
    keys = torch.cat([past_keys, key], -2)
    values = torch.cat([past_values, value], -2)
    scores = query @ keys.mT / query.shape[-1] ** 0.5
    later = torch.ones_like(scores, dtype=torch.bool).triu(past_keys.shape[-2] + 1)
    weights = scores.masked_fill(later, -torch.inf).softmax(-2)
    return weights @ values, keys, values
