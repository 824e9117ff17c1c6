# fails: others_zero: compares ids as floats
import torch
import torch.nn.functional as F


def shard_lookup(shard, idx, first):
    known = torch.arange(first, first + len(shard)).float()
    inside = torch.isin(idx.float(), known)
    local = (idx - first).clamp(0, max(len(shard) - 1, 0))
    result = shard.new_zeros(*idx.shape, shard.shape[1])
    result[inside] = shard[local[inside]]
    return result
