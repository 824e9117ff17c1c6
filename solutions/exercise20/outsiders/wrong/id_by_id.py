# fails: gradient: without an id of the shard, the result has no graph
import torch
import torch.nn.functional as F


def shard_lookup(shard, idx, first):
    zero = shard.new_zeros(shard.shape[1])
    found = [
        shard[i - first] if first <= i < first + len(shard) else zero
        for i in idx.flatten().tolist()
    ]
    if not found:
        return shard.new_zeros(*idx.shape, shard.shape[1])
    return torch.stack(found).reshape(*idx.shape, shard.shape[1])
