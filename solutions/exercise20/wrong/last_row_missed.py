"""Your code takes the last row of the shard for somebody else's.

A shard with `rows` rows has the places 0 to rows - 1, so a place is inside if it is below `rows`.
With `< rows - 1`, no shard returns the ids at the borders, and the sum over all shards has zeros
there.
"""

# caught by: own_rows


def shard_lookup(shard, idx, first):
    """Stop one row early."""
    local = idx - first
    inside = (local >= 0) & (local < len(shard) - 1)
    result = shard.new_zeros(*idx.shape, shard.shape[1])
    result[inside] = shard[local[inside]]
    return result
