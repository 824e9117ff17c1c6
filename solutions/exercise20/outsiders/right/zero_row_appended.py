# passes: a row of zeros at the end for all other ids
import torch
import torch.nn.functional as F


def shard_lookup(shard, idx, first):
    rows = len(shard)
    padded = torch.cat([shard, shard.new_zeros(1, shard.shape[1])])
    local = idx.long() - first
    return padded[torch.where((0 <= local) & (local < rows), local, rows)]
