"""You put the new keys and values before the past ones.

For a single new token the output does not show it, because an average has no order. But the mask
goes by position, and the caller expects the tokens in the order of the text.
"""

# caught by: cache

import torch


def step(query, key, value, past_keys, past_values):
    """Join in the wrong order."""
    keys = torch.cat([key, past_keys], -2)
    values = torch.cat([value, past_values], -2)
    scores = query @ keys.mT / query.shape[-1] ** 0.5
    later = torch.ones_like(scores, dtype=torch.bool).triu(past_keys.shape[-2] + 1)
    weights = scores.masked_fill(later, -torch.inf).softmax(-1)
    return weights @ values, keys, values
