"""Your numbers are right, but no gradient reaches the scores.

`detach`, `.data` and `torch.tensor(…)` return numbers without their history. Then the layers that
compute the queries and the keys learn nothing.
"""

# caught by: scores_gradient

import torch


def relative_bias(scores, table):
    """Copy the scores without history."""
    queries, keys = scores.shape[-2:]
    far = len(table) // 2
    distances = torch.arange(keys) - torch.arange(queries)[:, None]
    ids = distances.clamp(-far, far) + far
    return scores.detach() + table[ids].permute(2, 0, 1)
