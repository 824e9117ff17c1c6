# fails: gradient: a row of zeros counts as missing and gets no gradient
import torch
import torch.nn.functional as F
from torch import Tensor, nn


def shard_lookup(shard, idx, first):
    rows, dim = shard.shape
    table = torch.cat([shard, shard.new_zeros(1, dim)])
    local = idx.long() - first
    out = table[torch.where((local >= 0) & (local < rows), local, rows)]
    found = (out != 0).any(-1, keepdim=True)
    return torch.where(found, out, torch.zeros_like(out))
