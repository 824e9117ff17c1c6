# fails: types: twice the distance of a far id overflows

import torch
from torch import Tensor


def shard_lookup(shard: Tensor, idx: Tensor, first: int) -> Tensor:
    rows = shard.shape[0]
    # |2 id - (2 first + rows - 1)| < rows is one test for both ends
    twice = 2 * (idx - first) - (rows - 1)
    inside = twice.abs() < rows
    table = torch.nn.functional.pad(shard, (0, 0, 0, 1))
    return table[torch.where(inside, (twice + rows - 1) // 2, rows)]
