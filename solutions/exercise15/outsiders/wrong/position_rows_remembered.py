# fails: sum, batch, start, any_shape, types, inputs_untouched: remembers the looked-up position rows of a table, stale after the table changes in place (training)

import torch
from torch import Tensor

_cache: dict = {}


def embed(idx: Tensor, tokens: Tensor, positions: Tensor, start: int = 0) -> Tensor:
    length = idx.shape[-1]
    if start + length > len(positions):
        raise IndexError("no such position")
    where = torch.arange(start, start + length)
    if positions.requires_grad:
        return tokens[idx] + positions[where]
    key = (id(positions), start, length)
    if key not in _cache:
        _cache[key] = (positions, positions[where])
    return tokens[idx] + _cache[key][1]
