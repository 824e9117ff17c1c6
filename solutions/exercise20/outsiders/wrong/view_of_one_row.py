# fails: untouched: for a 0-d id inside, the result is a view of the shard
import torch
from torch import Tensor


def shard_lookup(shard: Tensor, idx: Tensor, first: int) -> Tensor:
    rows, dim = shard.shape
    inside = (idx >= first) & (idx < first + rows)
    if rows and bool(inside.all()):
        return shard[idx - first]
    out = shard.new_zeros(*idx.shape, dim)
    out[inside] = shard[(idx[inside] - first).long()]
    return out
