# fails: large_sizes: Decimal keeps only 28 digits
from decimal import Decimal


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    n, v, d = Decimal(num_indices), Decimal(num_embeddings), Decimal(embedding_dim)
    return {
        "product_multiply_adds": int(n * v * d),
        "product_bytes": int(4 * (n * v + v * d + n * d)),
        "lookup_multiply_adds": 0,
        "lookup_bytes": int(8 * n + 8 * n * d),
    }


def lookup(weight, idx):
    return weight[idx]
