# passes: log_softmax, gather and an own error
import torch
import torch.nn.functional as F


def padded_size(num, multiple):
    return (num + multiple - 1) // multiple * multiple


def padded_loss(hidden, weight, target, num):
    if target.max() >= num:
        raise IndexError("a target names a spare row")
    logs = (hidden @ weight[:num].t()).log_softmax(-1)
    return -logs.gather(-1, target.unsqueeze(-1)).mean()
