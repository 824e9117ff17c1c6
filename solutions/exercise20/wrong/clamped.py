"""Your code moves ids outside to the nearest row of the shard and returns that row.

`clamp` gives every id a valid place, but the row there belongs to another id. Each device would
add such a row, so the sum over all shards is wrong for every id. Results of ids outside must be
zero.
"""

# caught by: others_zero


def shard_lookup(shard, idx, first):
    """Take the nearest row."""
    local = (idx - first).clamp(0, len(shard) - 1)
    return shard[local]
