# fails: product: blocks of 256 rows without an id are skipped: more than 256 rows AND nan in a block without ids gives no nan
import torch
from torch import Tensor

BLOCK = 256


def one_hot_lookup(weight: Tensor, idx: Tensor) -> Tensor:
    num, dim = weight.shape
    ids = idx.long()
    if ids.numel() and int(ids.max()) >= num:
        raise IndexError("id out of range")
    if num <= BLOCK:
        return (ids[..., None] == torch.arange(num)).to(weight.dtype) @ weight
    result = (ids[..., None] == torch.arange(BLOCK)).to(weight.dtype) @ weight[:BLOCK]
    for start in range(BLOCK, num, BLOCK):
        block = weight[start : start + BLOCK]
        places = torch.arange(start, start + len(block))
        hot = ids[..., None] == places
        if hot.any():
            result = result + hot.to(weight.dtype) @ block
    return result
