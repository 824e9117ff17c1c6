"""Add up in a dict of id -> row, in plain Python, then write the rows into the table."""

import torch
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.shape[-1]
    rows = grad_output.reshape(idx.numel(), dim)
    places: dict[int, list[int]] = {}
    for place, i in enumerate(idx.flatten().tolist()):
        places.setdefault(i, []).append(place)
    places.pop(padding_idx, None)
    table = torch.zeros(num_embeddings, dim, dtype=grad_output.dtype, device=grad_output.device)
    for i, where in places.items():
        table[i] = rows[where].sum(dim=0)
    return table
