"""Scatter single numbers into a flat table; the padding ids go to a spare last row."""

import torch
from torch import Tensor


def lookup_backward(
    grad_output: Tensor, idx: Tensor, num_embeddings: int, padding_idx: int | None = None
) -> Tensor:
    dim = grad_output.size(-1)
    ids = idx.reshape(-1).to(torch.int64)
    if padding_idx is not None:
        ids = torch.where(ids == padding_idx, num_embeddings, ids)
    places = (ids[:, None] * dim + torch.arange(dim)).reshape(-1)
    flat = grad_output.new_zeros((num_embeddings + 1) * dim)
    flat.scatter_add_(0, places, grad_output.reshape(-1))
    return flat[: num_embeddings * dim].reshape(num_embeddings, dim).clone()
