# fails: combinations: a single id is a product with one one-hot row: a 0-d idx AND nan in another row gives nan
from torch import Tensor


def lookup_cost(num_embeddings: int, embedding_dim: int, num_indices: int) -> dict[str, int]:
    n, num, dim = num_indices, num_embeddings, embedding_dim
    return {
        "product_multiply_adds": n * num * dim,
        "product_bytes": 4 * (n * num + num * dim + n * dim),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * n + 8 * n * dim,
    }


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    if idx.dim() == 0:
        hot = weight.new_zeros(weight.shape[0])
        hot[idx] = 1
        return hot @ weight
    return weight.index_select(0, idx.flatten()).unflatten(0, idx.shape)
