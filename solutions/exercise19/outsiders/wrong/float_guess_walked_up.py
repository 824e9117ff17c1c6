# fails: size: the first guess is a division of floats, which can round up, and only a guess that is too small is corrected
import torch
from torch import Tensor
from torch.nn import functional as F


def padded_size(num: int, multiple: int) -> int:
    size = int(num / multiple) * multiple
    while size < num:  # the division can be a little too small
        size += multiple
    return size


def padded_loss(hidden: Tensor, weight: Tensor, target: Tensor, num: int) -> Tensor:
    scores = hidden.reshape(target.numel(), -1) @ weight[:num].t()
    if bool((target >= num).any()):
        raise IndexError("target out of range")
    return F.cross_entropy(scores, target.reshape(-1))
