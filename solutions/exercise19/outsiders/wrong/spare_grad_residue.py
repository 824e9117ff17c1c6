# fails: junk: 0 times the sum of spare rows, which can be infinite, gives nan
import torch
import torch.nn.functional as F
from torch import Tensor, nn


def padded_size(num, multiple):
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    if (target >= num).any():
        raise IndexError("spare row")
    logp = (hidden @ weight[:num].T).log_softmax(-1)
    return -logp.gather(-1, target.unsqueeze(-1)).mean() + 0.0 * weight[num:].sum()
