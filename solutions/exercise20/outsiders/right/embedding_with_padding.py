# passes: F.embedding, whose padding row is a row of zeros
import torch
import torch.nn.functional as F


def shard_lookup(shard, idx, first):
    table = F.pad(shard, (0, 0, 1, 0))
    local = idx - first + 1
    local = torch.where((local < 1) | (local > len(shard)), torch.zeros_like(local), local)
    return F.embedding(local, table, padding_idx=0)
