# fails: own_rows: cleans infinity away
import torch
import torch.nn.functional as F


def shard_lookup(shard, idx, first):
    local = idx - first
    inside = (local >= 0) & (local < len(shard))
    if not len(shard):
        return shard.new_zeros(*idx.shape, shard.shape[1])
    rows = torch.nan_to_num(shard)[local.clamp(0, len(shard) - 1)]
    return rows * inside.unsqueeze(-1)
