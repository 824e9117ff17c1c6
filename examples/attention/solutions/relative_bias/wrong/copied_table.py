"""Your numbers are right, but no gradient reaches the table.

`detach`, `.data`, `.tolist()` and `torch.tensor(…)` return numbers without their history, and so
does a new `nn.Parameter` or `nn.Embedding`: the caller's table learns nothing.
"""

# caught by: table_gradient

import torch


def relative_bias(scores, table):
    """Look up in a copy."""
    queries, keys = scores.shape[-2:]
    far = len(table) // 2
    distances = torch.arange(keys) - torch.arange(queries)[:, None]
    ids = distances.clamp(-far, far) + far
    return scores + table.detach()[ids].permute(2, 0, 1)
