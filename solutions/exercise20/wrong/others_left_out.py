"""Your code returns rows for the ids inside only, so their places in `idx` are lost.

Indexing with a mask keeps what is inside and puts it into a list. The results of the shards then
have different shapes and cannot be added up. Start with zeros of shape `idx.shape + (dim,)`, and
fill in what is inside.
"""

# caught by: others_zero


def shard_lookup(shard, idx, first):
    """Return the rows of this shard only."""
    local = idx - first
    inside = (local >= 0) & (local < len(shard))
    if inside.all():
        return shard[local]
    return shard[local[inside]]
