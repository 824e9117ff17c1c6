"""gather with expanded int64 ids, then restore the shape."""

from torch import Tensor


def lookup_cost(num_embeddings: int, embedding_dim: int, num_indices: int) -> dict[str, int]:
    keys = "product_multiply_adds", "product_bytes", "lookup_multiply_adds", "lookup_bytes"
    n, num, dim = num_indices, num_embeddings, embedding_dim
    values = (n * dim * num, 4 * (n * (num + dim) + num * dim), 0, n * (8 + dim * (4 + 4)))
    return dict(zip(keys, values, strict=True))


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    dim = weight.shape[-1]
    ids = idx.reshape(idx.numel(), 1).expand(idx.numel(), dim)
    return weight.gather(0, ids).reshape(tuple(idx.shape) + (dim,))
