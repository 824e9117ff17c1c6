"""Your mask lets new token `i` see only the first `i + 1` keys of the whole text.

The first new token then sees a single key, however long the past is. `triu(1)` and `is_causal=True`
of `scaled_dot_product_attention` count queries from the first key; yours begin after the past.
"""

# caught by: one

import torch
from torch.nn.functional import scaled_dot_product_attention


def step(query, key, value, past_keys, past_values):
    """Ask for a causal mask that knows no past."""
    keys = torch.cat([past_keys, key], -2)
    values = torch.cat([past_values, value], -2)
    return scaled_dot_product_attention(query, keys, values, is_causal=True), keys, values
