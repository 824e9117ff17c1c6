"""Exercise 10: what a lookup saves."""

from torch import Tensor

FLOAT_BYTES = 4
ID_BYTES = 8


def lookup_cost(num_embeddings: int, embedding_dim: int, num_indices: int) -> dict[str, int]:
    """Return the cost of getting ``num_indices`` rows by a one-hot product and by a lookup."""
    one_hot = num_indices * num_embeddings
    table = num_embeddings * embedding_dim
    result = num_indices * embedding_dim
    return {
        "product_multiply_adds": num_indices * num_embeddings * embedding_dim,
        "product_bytes": FLOAT_BYTES * (one_hot + table + result),
        "lookup_multiply_adds": 0,
        "lookup_bytes": ID_BYTES * num_indices + FLOAT_BYTES * (result + result),
    }


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    """Return the rows of ``weight`` for the ids in ``idx``."""
    return weight[idx]
