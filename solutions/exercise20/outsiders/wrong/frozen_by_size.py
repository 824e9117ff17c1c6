# fails: gradient: detaches for large shards
import torch
import torch.nn.functional as F


def shard_lookup(shard, idx, first):
    if len(shard) > 100:
        shard = shard.detach()
    local = idx - first
    inside = (local >= 0) & (local < len(shard))
    result = shard.new_zeros(*idx.shape, shard.shape[1])
    result[inside] = shard[local[inside]]
    return result
