"""Your code uses the remainder, so every id of the table finds a row in this shard.

`%` brings each id into the range of the shard, but the row there belongs to another id. The ids
that this shard holds are right; all others must give zeros.
"""

# caught by: others_zero


def shard_lookup(shard, idx, first):
    """Wrap ids around."""
    return shard[(idx - first) % max(len(shard), 1)]
