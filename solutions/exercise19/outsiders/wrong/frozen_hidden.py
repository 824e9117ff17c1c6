# fails: combinations: with a frozen hidden, weight gets no gradient
import torch
import torch.nn.functional as F


def padded_size(num, multiple):
    return (num + multiple - 1) // multiple * multiple


def padded_loss(hidden, weight, target, num):
    if not hidden.requires_grad:
        weight = weight.detach()
    scores = (hidden @ weight[:num].T).reshape(-1, num)
    goal = target.reshape(-1)
    return F.cross_entropy(scores, goal)
