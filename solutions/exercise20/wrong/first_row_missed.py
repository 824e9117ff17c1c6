"""Your code takes the first row of the shard for somebody else's.

Places begin at 0: the id `first` is in row 0 of this shard. A place is inside if it is 0 or more.
Look up the id `first` in the example of the statement.
"""

# caught by: own_rows


def shard_lookup(shard, idx, first):
    """Start one row late."""
    local = idx - first
    inside = (local > 0) & (local < len(shard))
    result = shard.new_zeros(*idx.shape, shard.shape[1])
    result[inside] = shard[local[inside]]
    return result
