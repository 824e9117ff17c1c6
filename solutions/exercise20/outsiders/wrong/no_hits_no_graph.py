# fails: gradient: without any hit, the result does not depend on the shard, and backward fails

import torch


def shard_lookup(shard, idx, first):
    rows, dim = shard.shape
    result = torch.zeros(*idx.shape, dim, dtype=shard.dtype, device=shard.device)
    mine = (idx >= first) & (idx < first + rows)
    if not mine.any():  # nothing to do on this device
        return result
    result[mine] = shard[idx[mine] - first]
    return result
