# fails: types: goes through float16
import torch
import torch.nn.functional as F


def shard_lookup(shard, idx, first):
    dtype = shard.dtype
    if dtype is torch.bfloat16:
        shard = shard.half()
    local = idx - first
    inside = (local >= 0) & (local < len(shard))
    result = shard.new_zeros(*idx.shape, shard.shape[1])
    result[inside] = shard[local[inside]]
    return result.to(dtype)
