"""Each of your new tokens sees the past and itself, but not the new tokens between.

New tokens are a text too: the third one follows the first two. This often comes from a loop that
gives every new token the same past.
"""

# caught by: several

import torch


def step(query, key, value, past_keys, past_values):
    """Give every new token the same past."""
    outputs = []
    for i in range(query.shape[-2]):
        one = slice(i, i + 1)
        keys = torch.cat([past_keys, key[..., one, :]], -2)
        values = torch.cat([past_values, value[..., one, :]], -2)
        scores = query[..., one, :] @ keys.mT / query.shape[-1] ** 0.5
        outputs.append(scores.softmax(-1) @ values)
    keys = torch.cat([past_keys, key], -2)
    return torch.cat(outputs, -2), keys, torch.cat([past_values, value], -2)
