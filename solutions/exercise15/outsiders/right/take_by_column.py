import torch
from torch import Tensor


def embed(idx: Tensor, tokens: Tensor, positions: Tensor, start: int = 0) -> Tensor:
    places = [start + i for i in range(idx.shape[-1])]
    if idx.numel() and places[-1] >= len(positions):
        raise IndexError(f"position {places[-1]} is not in the table")
    where = torch.tensor(places, dtype=torch.int64).expand_as(idx)
    ids = idx.to(torch.int64)
    if tokens.shape[1] == 0:
        return tokens[ids]
    columns = zip(tokens.unbind(1), positions.unbind(1))
    return torch.stack([torch.take(t, ids) + torch.take(p, where) for t, p in columns], dim=-1)
