# fails: product: f.one_hot without num_classes pads the table to the largest id: rows above it take no part
import torch
import torch.nn.functional as F
from torch import Tensor


def one_hot_lookup(weight: Tensor, idx: Tensor) -> Tensor:
    num, dim = weight.shape
    flat = idx.reshape(-1).long()
    if flat.numel() == 0:
        return weight[:0].reshape(*idx.shape, dim)
    one_hot = F.one_hot(flat).to(weight.dtype)
    used = one_hot.shape[1]
    if used > num:
        raise IndexError("an id is too large")
    return (one_hot @ weight[:used]).reshape(*idx.shape, dim)
