"""Index the columns of the transpose and move their dimension to the end."""

from functools import reduce
from operator import mul

from torch import Tensor


def lookup_cost(num_embeddings: int, embedding_dim: int, num_indices: int) -> dict[str, int]:
    def numbers(*shape: int) -> int:
        return reduce(mul, shape, 1)

    hot = (num_indices, num_embeddings)
    table = (num_embeddings, embedding_dim)
    result = (num_indices, embedding_dim)
    moved = sum(numbers(*shape) for shape in (hot, table, result))
    return dict(
        product_multiply_adds=numbers(*hot, embedding_dim),
        product_bytes=moved << 2,
        lookup_multiply_adds=0,
        lookup_bytes=(num_indices + numbers(*result)) << 3,
    )


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    return weight.mT[:, idx].movedim(0, -1)
