# fails: million_rows: tables of up to 256 rows are multiplied by a one-hot matrix
import torch
import torch.nn.functional as F
from torch import Tensor


def lookup_cost(num_embeddings: int, embedding_dim: int, num_indices: int) -> dict[str, int]:
    n, num, dim = num_indices, num_embeddings, embedding_dim
    return {
        "product_multiply_adds": n * num * dim,
        "product_bytes": 4 * (n * num + num * dim + n * dim),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * n + 2 * 4 * n * dim,
    }


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    if weight.shape[0] <= 256 and weight.is_floating_point():
        return F.one_hot(idx, weight.shape[0]).to(weight.dtype) @ weight
    return weight[idx]
