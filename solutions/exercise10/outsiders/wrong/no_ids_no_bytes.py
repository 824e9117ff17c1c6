# fails: product_bytes: without ids everything is 0, but the product still reads the table

from torch import Tensor

KEYS = ("product_multiply_adds", "product_bytes", "lookup_multiply_adds", "lookup_bytes")


def lookup_cost(num_embeddings: int, embedding_dim: int, num_indices: int) -> dict[str, int]:
    if num_indices == 0:
        return dict.fromkeys(KEYS, 0)
    num, dim, n = num_embeddings, embedding_dim, num_indices
    product = n * num * dim, 4 * (n * num + num * dim + n * dim)
    cheap = 0, 8 * n * (1 + dim)
    return dict(zip(KEYS, product + cheap))


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    return weight[idx]
