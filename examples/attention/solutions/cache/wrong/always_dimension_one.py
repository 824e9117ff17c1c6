"""You join the tokens along dimension 1.

That is right for one leading dimension. With heads there are two, and then dimension 1 counts
heads. Count from the back instead: tokens are always the second to last dimension.
"""

# caught by: leading

import torch


def step(query, key, value, past_keys, past_values):
    """Count dimensions from the front."""
    keys = torch.cat([past_keys, key], 1)
    values = torch.cat([past_values, value], 1)
    scores = query @ keys.transpose(1, 2) / query.shape[-1] ** 0.5
    later = torch.ones_like(scores, dtype=torch.bool).triu(past_keys.shape[1] + 1)
    weights = scores.masked_fill(later, -torch.inf).softmax(-1)
    return weights @ values, keys, values
