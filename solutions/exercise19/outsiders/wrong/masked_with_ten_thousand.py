# fails: junk: spare rows get the score -10,000
import torch
import torch.nn.functional as F


def padded_size(num, multiple):
    return (num + multiple - 1) // multiple * multiple


def padded_loss(hidden, weight, target, num):
    scores = (hidden @ weight.T).reshape(-1, len(weight))
    scores[:, num:] = -1e4
    if (target >= num).any():
        raise ValueError("spare row")
    return F.cross_entropy(scores, target.reshape(-1))
