"""Your code goes through `idx` with a loop, which works for a list of ids only.

Each item of a 2-D tensor is a row of ids, a 0-d tensor cannot be iterated, and `torch.stack`
refuses an empty list. Compare all ids with the borders at once: `(local >= 0) & (local < rows)`
has the shape of `idx`.
"""

# caught by: any_shape

import torch


def shard_lookup(shard, idx, first):
    """Loop."""
    # The last row is that of all other ids.
    rows = torch.cat([shard, shard.new_zeros(1, shard.shape[1])])
    found = []
    for number in idx:
        inside = 0 <= number - first < len(shard)
        found.append(rows[number - first if inside else len(shard)])
    return torch.stack(found)
