# fails: own_rows: builds the whole table
import torch
import torch.nn.functional as F


def shard_lookup(shard, idx, first):
    last = max(int(idx.max()) + 1 if idx.numel() else 0, first + len(shard))
    return F.embedding(idx, F.pad(shard, (0, 0, first, last - first - len(shard))))
