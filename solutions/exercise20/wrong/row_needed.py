"""Your code works unless the shard is empty: it looks up row 0 for every id outside.

Then `torch.where` drops that row, but an empty shard has no row 0, and the lookup raises an
IndexError. If there are more devices than blocks of rows, some shards are empty. Look up only what
is inside.
"""

# caught by: empty_shard

import torch


def shard_lookup(shard, idx, first):
    """Look up row 0 for others."""
    local = idx - first
    inside = (local >= 0) & (local < len(shard))
    rows = shard[torch.where(inside, local, 0)]
    return torch.where(inside.unsqueeze(-1), rows, 0)
