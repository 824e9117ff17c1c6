"""You join the past and the new tensors along the last dimension.

The last dimension is the columns of one token. A cache gets longer, not wider: join along the
second to last dimension.
"""

# caught by: one

import torch


def step(query, key, value, past_keys, past_values):
    """Make the cache wider."""
    keys = torch.cat([past_keys, key], -1)
    values = torch.cat([past_values, value], -1)
    scores = query @ keys.mT / query.shape[-1] ** 0.5
    return scores.softmax(-1) @ values, keys, values
