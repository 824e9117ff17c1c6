import torch
from torch import Tensor


def embed(idx: Tensor, tokens: Tensor, positions: Tensor, start: int = 0) -> Tensor:
    length, (num, dim) = idx.shape[-1], tokens.shape
    if idx.numel() and start + length > positions.shape[0]:
        raise IndexError("position out of range")
    window = positions[start : start + length] if idx.numel() else positions[:0]
    pairs = (tokens[:, None] + window).reshape(num * len(window), dim)
    return pairs[idx.long() * length + torch.arange(length)]
