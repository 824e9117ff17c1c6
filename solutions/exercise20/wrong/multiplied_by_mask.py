"""Your code looks up some row for ids outside and multiplies it by zero.

That is zero only for finite numbers: `0 * inf` and `0 * nan` are nan. One broken row of this shard
then spoils the results of ids that it does not even hold. Choose instead of multiplying:
`torch.where`, `masked_fill`, or an assignment to the ids inside.
"""

# caught by: others_zero

import torch


def shard_lookup(shard, idx, first):
    """Multiply by zeros and ones."""
    local = idx - first
    inside = (local >= 0) & (local < len(shard))
    rows = (
        shard[torch.where(inside, local, 0)]
        if len(shard)
        else shard.new_zeros(*idx.shape, shard.shape[1])
    )
    return rows * inside.unsqueeze(-1)
