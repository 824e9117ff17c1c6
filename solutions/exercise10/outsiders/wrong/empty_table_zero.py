# fails: product_bytes: a table without rows costs nothing, not even the result
import torch
import torch.nn.functional as F
from torch import Tensor


def lookup_cost(num_embeddings: int, embedding_dim: int, num_indices: int) -> dict[str, int]:
    n, num, dim = num_indices, num_embeddings, embedding_dim
    return {
        "product_multiply_adds": n * num * dim,
        "product_bytes": 4 * num * (n + dim + n * dim // max(num, 1))
        if num == 0
        else 4 * (n * num + num * dim + n * dim),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * n + 8 * n * dim,
    }


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    return weight[idx]
