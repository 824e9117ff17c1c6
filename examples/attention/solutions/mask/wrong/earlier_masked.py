"""You mask the earlier keys and keep the later ones.

Rows are queries and columns are keys, so later keys are to the right of the diagonal: the upper
triangle, `triu`. Print your weights for a 3 by 3 table of zeros.
"""

# caught by: square

import torch


def causal_weights(scores):
    """Mask the lower triangle."""
    queries, keys = scores.shape[-2:]
    earlier = torch.ones(queries, keys, dtype=torch.bool).tril(keys - queries - 1)
    return scores.masked_fill(earlier, -torch.inf).softmax(-1)
