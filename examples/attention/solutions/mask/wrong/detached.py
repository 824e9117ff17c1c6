"""Your weights are right, but no gradient flows back to the scores.

`detach`, `.data`, `torch.no_grad()` and `torch.tensor(…)` drop the history, so the model that
computes the scores learns nothing from the weights.
"""

# caught by: gradient

import torch


def causal_weights(scores):
    """Compute without history."""
    queries, keys = scores.shape[-2:]
    later = torch.ones(queries, keys, dtype=torch.bool).triu(keys - queries + 1)
    return scores.detach().masked_fill(later, -torch.inf).softmax(-1)
