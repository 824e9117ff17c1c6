"""Your code marks the ids outside with nan instead of zeros.

The results of all shards are added up, and a sum with nan in it is nan. Zero is the number that
changes no sum.
"""

# caught by: others_zero


def shard_lookup(shard, idx, first):
    """Mark them."""
    local = idx - first
    inside = (local >= 0) & (local < len(shard))
    result = shard.new_full((*idx.shape, shard.shape[1]), float("nan"))
    result[inside] = shard[local[inside]]
    return result
