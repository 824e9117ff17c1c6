# fails: size: takes the least common multiple
import math

import torch
import torch.nn.functional as F


def padded_size(num, multiple):
    return math.lcm(num, multiple)


def padded_loss(hidden, weight, target, num):
    scores = hidden @ weight[:num].T
    return F.cross_entropy(scores.reshape(-1, num), target.reshape(-1))
