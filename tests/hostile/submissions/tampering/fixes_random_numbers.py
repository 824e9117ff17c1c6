"""Make all random numbers equal."""
# ends as: failed

import random

import torch

random.random = lambda: 0.5
torch.rand = torch.randn = lambda *size, **_: torch.zeros(size)


def double(x):
    return x
