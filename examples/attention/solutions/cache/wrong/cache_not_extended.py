"""You return the cache as it was, without the new keys and values.

The output is right, but the next step will not know the tokens of this one. The caller passes on
what you return, so return the joined tensors.
"""

# caught by: cache

import torch


def step(query, key, value, past_keys, past_values):
    """Forget the new token."""
    keys = torch.cat([past_keys, key], -2)
    values = torch.cat([past_values, value], -2)
    scores = query @ keys.mT / query.shape[-1] ** 0.5
    later = torch.ones_like(scores, dtype=torch.bool).triu(past_keys.shape[-2] + 1)
    weights = scores.masked_fill(later, -torch.inf).softmax(-1)
    return weights @ values, past_keys, past_values
