"""Your new token attends to the past tokens only, not to itself.

A token may also use what it says itself: its own key and value are the last ones that it sees. Join
them to the past ones before you compute the scores.
"""

# caught by: one

import torch


def step(query, key, value, past_keys, past_values):
    """Compute the output before the cache grows."""
    scores = query @ past_keys.mT / query.shape[-1] ** 0.5
    output = scores.softmax(-1) @ past_values
    return output, torch.cat([past_keys, key], -2), torch.cat([past_values, value], -2)
