"""Each of your new tokens attends to all new tokens, also to later ones.

With one new token there is nothing to hide, so this goes unnoticed until a whole prompt arrives in
one step. Then the first token of the prompt would know the last.
"""

# caught by: several

import torch


def step(query, key, value, past_keys, past_values):
    """Hide nothing."""
    keys = torch.cat([past_keys, key], -2)
    values = torch.cat([past_values, value], -2)
    scores = query @ keys.mT / query.shape[-1] ** 0.5
    return scores.softmax(-1) @ values, keys, values
