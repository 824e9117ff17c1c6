"""Your numbers overflow because you count with 32-bit integers.

Tensors and NumPy arrays hold integers of a fixed size. Above 2 147 483 647 an int32 continues
at the negative end without an error. A Python int grows as needed.

Try `torch.tensor(2**31 - 1, dtype=torch.int32) + 1`.
"""

# caught by: large_sizes

import torch


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    """Count in tensors of int32."""
    n = torch.tensor(num_indices, dtype=torch.int32)
    one_hot = n * num_embeddings
    table = torch.tensor(num_embeddings, dtype=torch.int32) * embedding_dim
    result = n * embedding_dim
    return {
        "product_multiply_adds": (one_hot * embedding_dim).item(),
        "product_bytes": (4 * (one_hot + table + result)).item(),
        "lookup_multiply_adds": 0,
        "lookup_bytes": (8 * n + 4 * (result + result)).item(),
    }


def lookup(weight, idx):
    """Return the rows."""
    return weight[idx]
