# fails: any_shape: reads the shard in the order of its memory
import torch
import torch.nn.functional as F


def shard_lookup(shard, idx, first):
    local = idx - first
    inside = (local >= 0) & (local < len(shard))
    shard = torch.as_strided(shard, shard.shape, (shard.shape[1], 1))
    result = shard.new_zeros(*idx.shape, shard.shape[1])
    result[inside] = shard[local[inside]]
    return result
