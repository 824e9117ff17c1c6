"""Your code returns a list of rows, whatever the shape of `idx` is.

The result has the shape of the ids, with dim added at the end. An assignment with a mask works for
any shape: `result[inside]` finds the places in as many dimensions as `inside` has.
"""

# caught by: any_shape


def shard_lookup(shard, idx, first):
    """Lose the shape."""
    idx = idx.reshape(-1)
    local = idx - first
    inside = (local >= 0) & (local < len(shard))
    result = shard.new_zeros(*idx.shape, shard.shape[1])
    result[inside] = shard[local[inside]]
    return result
