"""Your `lookup` compares each id with every row number, and for a million rows there is no memory for it.

`idx[..., None] == torch.arange(num)` is a one-hot matrix too, with True for one. At a byte each
it is smaller than one of int64, but it still has a place for each id and each row of the table.
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
