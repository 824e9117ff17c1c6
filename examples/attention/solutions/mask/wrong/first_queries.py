"""You treat the queries as the first tokens of the text.

When a model writes a text, it computes only the newest token and keeps the keys of all earlier
ones. So the last query stands at the last key, and it may see every key. With as many queries as
keys, there is no difference.
"""

# caught by: last_queries

import torch


def causal_weights(scores):
    """Align the mask at the first key."""
    later = torch.ones_like(scores, dtype=torch.bool).triu(1)
    return scores.masked_fill(later, -torch.inf).softmax(-1)
