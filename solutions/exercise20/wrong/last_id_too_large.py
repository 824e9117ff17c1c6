"""Your code takes the id `first + rows` for one of this shard.

The last id is `first + rows - 1`, so compare with `<`. The id after it belongs to the next shard,
and this shard has no row for it.
"""

# caught by: others_zero


def shard_lookup(shard, idx, first):
    """Compare with <=."""
    local = idx - first
    inside = (local >= 0) & (local <= len(shard))
    result = shard.new_zeros(*idx.shape, shard.shape[1])
    result[inside] = shard[local[inside]]
    return result
