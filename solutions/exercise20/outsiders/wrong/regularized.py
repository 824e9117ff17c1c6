# fails: gradient: all rows get a small gradient
import torch
import torch.nn.functional as F


def shard_lookup(shard, idx, first):
    local = idx - first
    inside = (local >= 0) & (local < len(shard))
    result = shard.new_zeros(*idx.shape, shard.shape[1])
    result[inside] = shard[local[inside]]
    return result + 0 * shard.sum()
