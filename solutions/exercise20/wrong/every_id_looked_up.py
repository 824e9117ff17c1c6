"""Your code looks up every id in this shard, also those that it does not hold.

For an id below `first`, `idx - first` is negative and counts from the end; for one above the shard,
there is no row. Decide first which ids are in this shard. All others must give zeros.
"""

# caught by: others_zero


def shard_lookup(shard, idx, first):
    """Test no id."""
    return shard[idx - first]
