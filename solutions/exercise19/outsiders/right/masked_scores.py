# passes: all rows are scored, and the spare ones masked
import torch
import torch.nn.functional as F


def padded_size(num, multiple):
    return (num + multiple - 1) // multiple * multiple


def padded_loss(hidden, weight, target, num):
    if bool((target >= num).any()):
        raise ValueError("a target names a spare row")
    scores = torch.matmul(hidden, weight.mT)
    spare = torch.arange(weight.shape[0], device=weight.device) >= num
    scores = scores.masked_fill(spare, float("-inf"))
    return F.cross_entropy(scores.reshape(-1, weight.shape[0]), target.flatten())
