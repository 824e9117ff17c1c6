# fails: others_zero: zeros for all if one id is outside
import torch
import torch.nn.functional as F


def shard_lookup(shard, idx, first):
    local = idx - first
    inside = (local >= 0) & (local < len(shard))
    if not inside.all():
        return shard.new_zeros(*idx.shape, shard.shape[1]) * shard.sum()
    return shard[local]
