# fails: large_sizes: NumPy's int64 overflows without an error
import numpy as np


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    n, v, d = np.array([num_indices, num_embeddings, embedding_dim], dtype=np.int64)
    with np.errstate(over="ignore"):
        return {
            "product_multiply_adds": int(n * v * d),
            "product_bytes": int(4 * (n * v + v * d + n * d)),
            "lookup_multiply_adds": 0,
            "lookup_bytes": int(8 * n + 8 * n * d),
        }


def lookup(weight, idx):
    return weight[idx]
