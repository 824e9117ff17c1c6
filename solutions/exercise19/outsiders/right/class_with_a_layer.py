# passes: an nn.Module does the work
import torch
import torch.nn.functional as F

LOSS = torch.nn.CrossEntropyLoss()


def padded_size(num, multiple):
    return (num + multiple - 1) // multiple * multiple


def padded_loss(hidden, weight, target, num):
    words, _ = weight.split([num, len(weight) - num])
    scores = torch.tensordot(hidden, words, dims=([-1], [-1]))
    return LOSS(scores.reshape(target.numel(), num), target.reshape(target.numel()))
