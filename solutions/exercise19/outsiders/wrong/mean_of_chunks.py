# fails: loss: the mean of the means of chunks of 256 positions

import torch
import torch.nn.functional as F


def padded_size(num, multiple):
    return -(-num // multiple) * multiple


def padded_loss(hidden, weight, target, num):
    flat = hidden.reshape(-1, weight.shape[1])
    words = weight[:num]
    losses = [
        F.cross_entropy(part @ words.T, ids)
        for part, ids in zip(flat.split(256), target.reshape(-1).split(256))
    ]
    return torch.stack(losses).mean()
