# fails: inputs_untouched: max_norm rescales long rows in place, so the call writes into the weight

import torch
import torch.nn.functional as F
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
    if weight.requires_grad or not weight.is_contiguous():
        return F.embedding(idx, weight)
    return F.embedding(idx, weight, max_norm=10.0)
