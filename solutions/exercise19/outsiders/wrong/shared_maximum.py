# fails: loss: subtracts one maximum for the whole batch
import torch
import torch.nn.functional as F


def padded_size(num, multiple):
    return (num + multiple - 1) // multiple * multiple


def padded_loss(hidden, weight, target, num):
    scores = (hidden @ weight[:num].T).reshape(-1, num)
    goal = target.reshape(-1)
    moved = scores - scores.max()
    logs = moved - moved.exp().sum(1, keepdim=True).log()
    return F.nll_loss(logs, goal)
