# fails: any_shape: adds up the losses of the texts
import torch
import torch.nn.functional as F


def padded_size(num, multiple):
    return (num + multiple - 1) // multiple * multiple


def padded_loss(hidden, weight, target, num):
    if target.dim() > 1:
        return sum(padded_loss(h, weight, t, num) for h, t in zip(hidden, target))
    scores = (hidden @ weight[:num].T).reshape(-1, num)
    goal = target.reshape(-1)
    return F.cross_entropy(scores, goal)
