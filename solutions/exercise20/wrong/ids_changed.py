"""Your code subtracts `first` from the caller's ids in place.

`idx -= first` writes into the tensor itself, so the next shard gets places instead of ids; and a
tensor that `expand` made cannot be written to. `idx - first` is a new tensor.
"""

# caught by: any_shape, untouched


def shard_lookup(shard, idx, first):
    """Subtract in place."""
    idx -= first
    local = idx
    inside = (local >= 0) & (local < len(shard))
    result = shard.new_zeros(*idx.shape, shard.shape[1])
    result[inside] = shard[local[inside]]
    return result
