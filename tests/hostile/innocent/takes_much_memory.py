"""Allocate most of the allowed memory and free it."""

import torch

torch.ones(150 << 18).sum()


def double(x):
    return x * 2
