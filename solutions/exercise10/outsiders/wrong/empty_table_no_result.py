# fails: product_bytes, large_sizes: the size of the result is the multiply-adds divided by num: num 0 AND n and dim above 0 forgets the written result
from torch import Tensor


def lookup_cost(num_embeddings: int, embedding_dim: int, num_indices: int) -> dict[str, int]:
    n, num, dim = num_indices, num_embeddings, embedding_dim
    multiply_adds = n * num * dim
    written = multiply_adds // num if num else 0
    return {
        "product_multiply_adds": multiply_adds,
        "product_bytes": 4 * (n * num + num * dim + written),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * n + 2 * 4 * n * dim,
    }


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    return weight[idx]
