# fails: types: the end of the shard overflows as an int32 number
import torch
import torch.nn.functional as F
from torch import Tensor, nn


def shard_lookup(shard, idx, first):
    rows, dim = shard.shape
    start = torch.tensor(first, dtype=idx.dtype)
    pad = torch.tensor(rows + 1, dtype=idx.dtype)
    mine = (idx >= start) & (idx + 1 < start + pad)
    local = torch.where(mine, idx - start, 0).long()
    ext = torch.cat([shard, shard.new_zeros(1, dim)])
    return ext[torch.where(mine, local, rows)]
