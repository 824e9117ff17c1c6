# passes: Fraction keeps the numbers exact
from fractions import Fraction


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    n, v, d = Fraction(num_indices), Fraction(num_embeddings), Fraction(embedding_dim)
    return {
        "product_multiply_adds": int(n * v * d),
        "product_bytes": int(4 * (n * v + v * d + n * d)),
        "lookup_multiply_adds": 0,
        "lookup_bytes": int(8 * n + 8 * n * d),
    }


def lookup(weight, idx):
    return weight[idx]
