"""Reshape and permute, with the sizes written out."""


def split_heads(x, heads):
    *leading, length, dim = x.shape
    if dim % heads != 0:
        raise ValueError(f"{dim} columns cannot be split among {heads} heads")
    flat = x.reshape(-1, length, heads, dim // heads)
    return flat.permute(0, 2, 1, 3).reshape(*leading, heads, length, dim // heads)


def merge_heads(x):
    *leading, heads, length, size = x.shape
    flat = x.reshape(-1, heads, length, size)
    return flat.permute(0, 2, 1, 3).reshape(*leading, length, heads * size)
