"""You clip the distances only at the upper end.

Below `-far` the ids become negative. Python counts them from the end of the table, or raises an
IndexError if they are too small. `clamp` takes both ends.
"""

# caught by: clipped

import torch


def relative_bias(scores, table):
    """Clip the upper end only."""
    queries, keys = scores.shape[-2:]
    far = len(table) // 2
    distances = torch.arange(keys) - torch.arange(queries)[:, None]
    ids = distances.clamp(max=far) + far
    return scores + table[ids].permute(2, 0, 1)
