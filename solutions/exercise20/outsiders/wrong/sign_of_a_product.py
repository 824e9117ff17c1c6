# fails: others_zero: tests the range by the sign of a product that overflows in int32

import torch


def shard_lookup(shard, idx, first):
    rows, dim = shard.shape
    if rows == 0:
        return shard.new_zeros(idx.shape + (dim,)) + shard.sum()
    mine = (idx - first) * (first + rows - 1 - idx) >= 0
    local = (idx - first).clamp(0, rows - 1)
    return torch.where(mine.unsqueeze(-1), shard[local], shard.new_zeros(()))
