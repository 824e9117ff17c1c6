import torch


def shard_lookup(shard, idx, first):
    rows = shard.shape[0]
    table = torch.cat([shard, shard.new_zeros(1, shard.shape[1])])
    ids = idx.long()
    local = (ids - first).masked_fill((ids < first) | (ids > first + rows - 1), rows)
    return table.index_select(0, local.reshape(-1)).reshape(*idx.shape, shard.shape[1])
