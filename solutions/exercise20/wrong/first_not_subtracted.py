"""Your code uses the ids of the whole table as places in the shard.

The shard starts at the id `first`, so that id is in row 0. Id 11 of a shard with first = 10 is in
row 1. Work out the example of the statement by hand, and note the row of each id.
"""

# caught by: own_rows


def shard_lookup(shard, idx, first):
    """Forget where the shard starts."""
    local = idx
    inside = (local >= 0) & (local < len(shard))
    result = shard.new_zeros(*idx.shape, shard.shape[1])
    result[inside] = shard[local[inside]]
    return result
