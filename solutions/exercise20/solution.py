"""Exercise 20: a table in shards."""

from torch import Tensor


def shard_lookup(shard: Tensor, idx: Tensor, first: int) -> Tensor:
    """Return the rows of the ids in this shard, and zeros for all other ids."""
    local = idx - first
    inside = (local >= 0) & (local < len(shard))
    result = shard.new_zeros(*idx.shape, shard.shape[1])
    result[inside] = shard[local[inside]]
    return result
