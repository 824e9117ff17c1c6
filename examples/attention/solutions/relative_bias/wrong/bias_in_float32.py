"""Your result loses digits of float64.

A new tensor is float32 unless you say otherwise, and a number that is stored there keeps about
seven digits. Give it `dtype=table.dtype`, or look up the rows of the table itself.
"""

# caught by: dtype

import torch


def relative_bias(scores, table):
    """Round the bias to float32."""
    queries, keys = scores.shape[-2:]
    far = len(table) // 2
    distances = torch.arange(keys) - torch.arange(queries)[:, None]
    ids = distances.clamp(-far, far) + far
    return scores + table[ids].permute(2, 0, 1).float()
