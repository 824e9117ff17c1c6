# fails: others_zero: adds 0 * shard.sum() to keep the graph, which is nan if the shard holds inf

import torch


def shard_lookup(shard, idx, first):
    rows, dim = shard.shape
    result = torch.zeros(*idx.shape, dim, dtype=shard.dtype)
    mine = (idx >= first) & (idx < first + rows)
    if mine.any():
        result[mine] = shard[idx[mine] - first]
        return result
    return result + 0 * shard.sum()
