"""Take most of the memory allowed, and give it back."""

import torch

torch.ones(150 << 18).sum()


def double(x):
    return x * 2
