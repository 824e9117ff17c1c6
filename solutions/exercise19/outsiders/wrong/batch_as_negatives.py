# fails: loss: compares only with the other targets of the batch
import torch
import torch.nn.functional as F


def padded_size(num, multiple):
    return (num + multiple - 1) // multiple * multiple


def padded_loss(hidden, weight, target, num):
    if (target >= num).any():
        raise IndexError
    goal, place = target.reshape(-1).unique(return_inverse=True)
    scores = (hidden @ weight[goal].T).reshape(-1, len(goal))
    return F.cross_entropy(scores, place)
