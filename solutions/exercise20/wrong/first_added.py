"""Your code adds `first` to the ids instead of subtracting it.

Adding turns a place in the shard into an id of the whole table. Here you have ids and want places,
which is the other direction. For the example of the statement, print the places that you compute.
"""

# caught by: own_rows


def shard_lookup(shard, idx, first):
    """Go in the wrong direction."""
    local = idx + first
    inside = (local >= 0) & (local < len(shard))
    result = shard.new_zeros(*idx.shape, shard.shape[1])
    result[inside] = shard[local[inside]]
    return result
