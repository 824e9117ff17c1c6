# fails: dtype: more than 256 targets are summed up in a float32 number, so more than 256 targets and float64 give a float32 loss
import torch
from torch import Tensor
from torch.nn import functional as F


def padded_size(num: int, multiple: int) -> int:
    return (num + multiple - 1) // multiple * multiple


def padded_loss(hidden: Tensor, weight: Tensor, target: Tensor, num: int) -> Tensor:
    rows, ids = hidden.reshape(-1, hidden.shape[-1]), target.reshape(-1)
    words = weight[:num]
    if len(ids) <= 256:
        return F.cross_entropy(rows @ words.T, ids)
    total = torch.zeros(())
    for part, wanted in zip(rows.split(256), ids.split(256)):
        total += F.cross_entropy(part @ words.T, wanted, reduction="sum")
    return total / len(ids)
