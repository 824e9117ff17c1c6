"""You return the values before the keys.

The caller passes both on to the next step by their position, keys first. If both have the same
width, no error shows that they changed places.
"""

# caught by: cache

import torch


def step(query, key, value, past_keys, past_values):
    """Swap two results."""
    keys = torch.cat([past_keys, key], -2)
    values = torch.cat([past_values, value], -2)
    scores = query @ keys.mT / query.shape[-1] ** 0.5
    later = torch.ones_like(scores, dtype=torch.bool).triu(past_keys.shape[-2] + 1)
    weights = scores.masked_fill(later, -torch.inf).softmax(-1)
    return weights @ values, values, keys
