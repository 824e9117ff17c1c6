# fails: combinations: a hidden that is not contiguous is copied without its gradient
import torch
import torch.nn.functional as F
from torch import Tensor, nn


def padded_size(num, multiple):
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    if (target >= num).any():
        raise IndexError("spare row")
    if not hidden.is_contiguous():
        hidden = torch.empty_like(hidden, memory_format=torch.contiguous_format).copy_(hidden.data)
    scores = hidden @ weight[:num].T
    return F.cross_entropy(scores.reshape(-1, num), target.reshape(-1))
