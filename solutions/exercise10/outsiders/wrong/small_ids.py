# fails: lookup_bytes, large_sizes: ids count 4 bytes if they would fit into int32

from torch import Tensor


def lookup_cost(num_embeddings: int, embedding_dim: int, num_indices: int) -> dict[str, int]:
    id_bytes = 4 if num_embeddings <= 2**31 else 8
    num, dim, n = num_embeddings, embedding_dim, num_indices
    return {
        "product_multiply_adds": num * dim * n,
        "product_bytes": 4 * num * (n + dim) + 4 * n * dim,
        "lookup_multiply_adds": 0,
        "lookup_bytes": n * (id_bytes + 8 * dim),
    }


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    return weight[idx]
