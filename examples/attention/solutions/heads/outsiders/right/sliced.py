"""Slices of columns, one for each head."""

import torch


def split_heads(x, heads):
    size = x.size(-1) // heads
    if size * heads != x.size(-1):
        raise ValueError("dim is not a multiple of heads")
    return torch.stack([x[..., h * size : (h + 1) * size] for h in range(heads)], dim=-3)


def merge_heads(x):
    return torch.cat([x[..., h, :, :] for h in range(x.size(-3))], dim=-1)
