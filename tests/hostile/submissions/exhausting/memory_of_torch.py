"""Allocate all memory with a tensor."""
# ends as: memory

import torch


def double(x):
    return torch.ones(1 << 34)
