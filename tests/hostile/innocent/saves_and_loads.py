"""Save a tensor and load it again."""

import torch


def double(x):
    torch.save(x, "x.pt")
    return torch.load("x.pt") * 2
