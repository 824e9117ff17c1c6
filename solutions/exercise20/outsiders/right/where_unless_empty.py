# passes: torch.where, with a way out for an empty shard
import torch
import torch.nn.functional as F


def shard_lookup(shard, idx, first):
    if shard.shape[0] == 0:
        return shard.new_zeros(idx.shape + shard.shape[1:])
    local = idx - first
    outside = (local < 0) | (local >= shard.shape[0])
    rows = F.embedding(local.masked_fill(outside, 0), shard)
    return rows.masked_fill(outside[..., None], 0.0)
