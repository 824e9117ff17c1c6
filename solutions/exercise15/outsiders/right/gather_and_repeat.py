import torch
from torch import Tensor


def embed(idx: Tensor, tokens: Tensor, positions: Tensor, start: int = 0) -> Tensor:
    *batch, length = idx.shape
    if length > 0 and start + length > positions.size(0):
        raise ValueError("too long")
    dim = tokens.size(1)
    ids = idx.reshape(-1, 1).long().expand(-1, dim)
    rows = tokens.gather(0, ids).reshape(*batch, length, dim)
    stop = min(start + length, positions.size(0)) if length else 0
    window = positions.narrow(0, start if length else 0, stop - (start if length else 0))
    return torch.add(window, rows)
