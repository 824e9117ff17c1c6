# fails: large_sizes: a square table squares its size with math.pow: num equal to dim AND very large sizes is rounded to a float
import math

from torch import Tensor


def lookup_cost(num_embeddings: int, embedding_dim: int, num_indices: int) -> dict[str, int]:
    n, num, dim = num_indices, num_embeddings, embedding_dim
    cells = int(math.pow(num, 2)) if num == dim else num * dim
    return {
        "product_multiply_adds": n * cells,
        "product_bytes": 4 * (n * num + cells + n * dim),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * n + 8 * n * dim,
    }


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    return weight[idx]
