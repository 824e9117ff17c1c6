"""A table of column numbers for all heads."""

import torch


def split_heads(x, heads):
    if x.shape[-1] % heads:
        raise ValueError(heads)
    columns = torch.arange(x.shape[-1]).reshape(heads, -1)
    return x[..., columns].movedim(-2, -3)


def merge_heads(x):
    heads, length, size = x.shape[-3:]
    out = torch.zeros(*x.shape[:-3], length, heads * size, dtype=x.dtype)
    for column in range(heads * size):
        out[..., column] = x[..., column // size, :, column % size]
    return out
