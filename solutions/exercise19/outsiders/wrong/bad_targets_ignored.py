# fails: target: ignores targets that name a spare row
import torch
import torch.nn.functional as F


def padded_size(num, multiple):
    return (num + multiple - 1) // multiple * multiple


def padded_loss(hidden, weight, target, num):
    target = torch.where(target < num, target, -100)
    scores = (hidden @ weight[:num].T).reshape(-1, num)
    goal = target.reshape(-1)
    return F.cross_entropy(scores, goal)
