# fails: junk: takes only rows of zeros for spare
import torch
import torch.nn.functional as F


def padded_size(num, multiple):
    return (num + multiple - 1) // multiple * multiple


def padded_loss(hidden, weight, target, num):
    if (target >= num).any():
        raise IndexError
    scores = (hidden @ weight.T).reshape(-1, len(weight))
    spare = torch.arange(len(weight)) >= num
    small = weight.detach().abs().amax(1) < 1e4
    scores = scores.masked_fill(spare & small, -torch.inf)
    return F.cross_entropy(scores, target.reshape(-1))
