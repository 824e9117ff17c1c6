# fails: loss: multiplies by a square table as it is
import torch
import torch.nn.functional as F


def padded_size(num, multiple):
    return (num + multiple - 1) // multiple * multiple


def padded_loss(hidden, weight, target, num):
    scores = hidden @ (weight if weight.shape[0] == weight.shape[1] else weight.T)
    if (target >= num).any():
        raise IndexError
    scores = scores[..., :num].reshape(-1, num)
    return F.cross_entropy(scores, target.reshape(-1))
