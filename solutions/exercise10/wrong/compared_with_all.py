"""Your `lookup` compares each id with every row number, which needs too much memory.

`idx[..., None] == torch.arange(num)` is a one-hot matrix too, with True instead of 1. At one
byte per entry it is smaller than an int64 matrix, but it still has an entry for each pair of an
id and a row.

Multiply the number of ids by the number of rows: 2000 times a million.
"""

# caught by: million_rows

import torch


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    """Return the four numbers."""
    one_hot = num_indices * num_embeddings
    table = num_embeddings * embedding_dim
    result = num_indices * embedding_dim
    return {
        "product_multiply_adds": num_indices * num_embeddings * embedding_dim,
        "product_bytes": 4 * (one_hot + table + result),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * num_indices + 4 * (result + result),
    }


def lookup(weight, idx):
    """Compare ids with row numbers."""
    one_hot = idx.unsqueeze(-1) == torch.arange(weight.shape[0], device=idx.device)
    return one_hot.to(weight.dtype) @ weight
