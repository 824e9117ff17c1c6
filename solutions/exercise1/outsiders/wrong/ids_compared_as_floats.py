# fails: dtype: ids are compared in the dtype of weight; bfloat16 has only 8 bits, ids over 256 collide
import torch
from torch import Tensor


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    num, dim = weight.shape
    flat = idx.reshape(-1)
    if flat.numel() and int(flat.max()) >= num:
        raise IndexError("id out of range")
    rows = torch.arange(num, device=weight.device).to(weight.dtype)
    match = (flat.to(weight.dtype)[:, None] == rows[None, :]).to(torch.uint8)
    position = match.argmax(dim=1)
    return weight[position].reshape(*idx.shape, dim)
