# fails: large_sizes: one module-level dict is filled again on each call
import torch
import torch.nn.functional as F
from torch import Tensor

_result: dict[str, int] = {}


def lookup_cost(num_embeddings: int, embedding_dim: int, num_indices: int) -> dict[str, int]:
    n, num, dim = num_indices, num_embeddings, embedding_dim
    _result.update(
        {
            "product_multiply_adds": n * num * dim,
            "product_bytes": 4 * (n * num + num * dim + n * dim),
            "lookup_multiply_adds": 0,
            "lookup_bytes": 8 * n + 8 * n * dim,
        }
    )
    return _result


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    return weight[idx]
