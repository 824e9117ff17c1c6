"""You scale the query of the caller in place.

`/=`, `div_` and `mul_` change the tensor itself, and raise an error if it is a leaf of autograd
that requires a gradient. `query / number` returns a new tensor.
"""

# caught by: gradient, untouched

import torch


def step(query, key, value, past_keys, past_values):
    """Overwrite the query."""
    query /= query.shape[-1] ** 0.5
    keys = torch.cat([past_keys, key], -2)
    values = torch.cat([past_values, value], -2)
    scores = query @ keys.mT
    later = torch.ones_like(scores, dtype=torch.bool).triu(past_keys.shape[-2] + 1)
    weights = scores.masked_fill(later, -torch.inf).softmax(-1)
    return weights @ values, keys, values
