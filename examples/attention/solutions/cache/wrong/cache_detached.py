"""No gradient flows back from your results to the past keys and values.

Detaching a cache saves memory when a model writes, but here gradients must reach it, as they must
when a model is trained on pieces of a text.
"""

# caught by: gradient

import torch


def step(query, key, value, past_keys, past_values):
    """Cut off the past."""
    past_keys, past_values = past_keys.detach(), past_values.detach()
    keys = torch.cat([past_keys, key], -2)
    values = torch.cat([past_values, value], -2)
    scores = query @ keys.mT / query.shape[-1] ** 0.5
    later = torch.ones_like(scores, dtype=torch.bool).triu(past_keys.shape[-2] + 1)
    weights = scores.masked_fill(later, -torch.inf).softmax(-1)
    return weights @ values, keys, values
