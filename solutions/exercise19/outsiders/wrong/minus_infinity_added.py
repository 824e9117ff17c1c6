# fails: junk: adds -inf to spare scores, which is nan for a spare score of inf

import torch
import torch.nn.functional as F


def padded_size(num, multiple):
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    if (target >= num).any():
        raise IndexError("target out of range")
    bias = torch.zeros(len(weight), dtype=weight.dtype)
    bias[num:] = float("-inf")
    scores = hidden @ weight.T + bias
    return F.cross_entropy(scores.reshape(-1, len(weight)), target.reshape(-1))
