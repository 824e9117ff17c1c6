# fails: million_rows: positions in the flat weight are computed in float32, exact only up to 2**24

import torch
from torch import Tensor


def lookup_cost(num_embeddings: int, embedding_dim: int, num_indices: int) -> dict[str, int]:
    num, dim, n = num_embeddings, embedding_dim, num_indices
    return {
        "product_multiply_adds": n * num * dim,
        "product_bytes": 4 * (n * num + num * dim + n * dim),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * n + 8 * n * dim,
    }


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    dim = weight.shape[1]
    columns = torch.linspace(0, max(dim - 1, 0), dim).round()
    where = idx.unsqueeze(-1).to(columns.dtype) * dim + columns
    where = where.long().clamp(max=max(weight.numel() - 1, 0))
    return torch.take(weight, where)
