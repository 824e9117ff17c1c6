# fails: large_sizes: products of sizes below 2**31 are computed in 64 bits and wrap around
import numpy as np
import torch
from torch import Tensor


def lookup_cost(num_embeddings: int, embedding_dim: int, num_indices: int) -> dict[str, int]:
    """Return the cost of getting ``num_indices`` rows by a one-hot product and by a lookup."""
    sizes = (num_embeddings, embedding_dim, num_indices)
    # Python ints are slow; they are needed only for sizes beyond 32 bits
    kind = np.int64 if max(sizes) < 2**31 else object
    num, dim, n = np.array(sizes, dtype=kind)
    return {
        "product_multiply_adds": int(n * num * dim),
        "product_bytes": int(4 * (n * num + num * dim + n * dim)),
        "lookup_multiply_adds": 0,
        "lookup_bytes": int(8 * n + 4 * (2 * n * dim)),
    }


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    """Return the rows of ``weight`` for the ids in ``idx``, shape (*idx.shape, dim)."""
    return torch.index_select(weight, 0, idx.flatten()).reshape(*idx.shape, weight.shape[1])
