# passes: boolean mask over an expanded view of the table
import torch
from torch import Tensor
import torch.nn.functional as F


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    num, dim = weight.shape
    flat = idx.reshape(-1).to(torch.int64)
    hit = flat[:, None] == torch.arange(num)
    if not bool(hit.any(1).all()):
        raise ValueError("id out of range")
    return weight.expand(flat.numel(), num, dim)[hit].reshape(*idx.shape, dim)
