"""You return the new keys and values alone.

The output is right, but the next step gets a cache without the past. The caller does not join
anything: it passes on what you return.
"""

# caught by: cache

import torch


def step(query, key, value, past_keys, past_values):
    """Return what is new."""
    keys = torch.cat([past_keys, key], -2)
    values = torch.cat([past_values, value], -2)
    scores = query @ keys.mT / query.shape[-1] ** 0.5
    later = torch.ones_like(scores, dtype=torch.bool).triu(past_keys.shape[-2] + 1)
    weights = scores.masked_fill(later, -torch.inf).softmax(-1)
    return weights @ values, key, value
