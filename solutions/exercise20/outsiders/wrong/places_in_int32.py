# fails: others_zero: computes places in int32
import torch
import torch.nn.functional as F


def shard_lookup(shard, idx, first):
    local = (idx - first).int()
    inside = (local >= 0) & (local < len(shard))
    result = shard.new_zeros(*idx.shape, shard.shape[1])
    result[inside] = shard[local[inside]]
    return result
