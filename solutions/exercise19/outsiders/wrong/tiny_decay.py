# fails: padding_gradient: a tiny weight decay touches all rows
import torch
import torch.nn.functional as F


def padded_size(num, multiple):
    return (num + multiple - 1) // multiple * multiple


def padded_loss(hidden, weight, target, num):
    scores = (hidden @ weight[:num].T).reshape(-1, num)
    goal = target.reshape(-1)
    return F.cross_entropy(scores, goal) + 1e-10 * weight.square().sum()
