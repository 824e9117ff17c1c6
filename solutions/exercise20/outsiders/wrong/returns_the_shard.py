# fails: untouched: when idx asks for the whole shard in order, the shard itself is returned: writing into the result changes the table
import torch
import torch.nn.functional as F
from torch import Tensor


def shard_lookup(shard: Tensor, idx: Tensor, first: int) -> Tensor:
    rows, dim = shard.shape
    local = idx.long() - first
    if local.shape == (rows,) and torch.equal(local, torch.arange(rows)):
        return shard
    inside = (local >= 0) & (local < rows)
    local = torch.where(inside, local, rows)
    padded = torch.cat([shard, shard.new_zeros(1, dim)])
    return padded[local]
