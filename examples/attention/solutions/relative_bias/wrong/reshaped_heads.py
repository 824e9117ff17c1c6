"""You bring the heads to the front with a reshape.

`reshape` and `view` keep the numbers in the order of the memory and only cut them differently, so
numbers of one head land in another. To move a dimension, use `permute`, `movedim` or transposes.
"""

# caught by: value

import torch


def relative_bias(scores, table):
    """Reshape in place of a permutation."""
    queries, keys = scores.shape[-2:]
    far = len(table) // 2
    distances = torch.arange(keys) - torch.arange(queries)[:, None]
    ids = distances.clamp(-far, far) + far
    return scores + table[ids].reshape(-1, queries, keys)
