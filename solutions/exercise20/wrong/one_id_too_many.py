"""Your code takes the id after the last row for one of this shard.

A shard with `rows` rows has the places 0 to rows - 1. Place `rows` is the first one of the next
shard, and both would return a row for that id. Test the border: look up the id `first + rows`.
"""

# caught by: others_zero

import torch


def shard_lookup(shard, idx, first):
    """Accept place rows."""
    local = idx - first
    inside = (local >= 0) & (local <= len(shard))
    rows = shard[local.clamp(0, len(shard) - 1)]
    return torch.where(inside.unsqueeze(-1), rows, 0)
