# fails: types: places in the flat shard overflow for ids that are far away

import torch


def shard_lookup(shard, idx, first):
    dim = shard.shape[1]
    start = (idx.long() - first).reshape(-1, 1) * dim
    off = start + torch.arange(dim)
    mask = (start >= 0) & (start < shard.numel())
    flat = torch.cat([shard.reshape(-1), shard.new_zeros(1)])
    out = flat[torch.where(mask, off, shard.numel())]
    return out.reshape(*idx.shape, dim)
