"""You look up distances for which the table has no row.

A table of `2 * far + 1` rows ends at the distance `far`. An id beyond it raises an IndexError. Clip
the distances before you look them up.
"""

# caught by: clipped

import torch


def relative_bias(scores, table):
    """Do not clip."""
    queries, keys = scores.shape[-2:]
    far = len(table) // 2
    distances = torch.arange(keys) - torch.arange(queries)[:, None]
    ids = distances + far
    return scores + table[ids].permute(2, 0, 1)
