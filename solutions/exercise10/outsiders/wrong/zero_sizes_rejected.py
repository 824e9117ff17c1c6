# fails: product_multiply_adds, product_bytes, lookup_multiply_adds, lookup_bytes: sizes of 0 raise ValueError, though sizes from 0 are allowed
import torch
import torch.nn.functional as F


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    if min(num_embeddings, embedding_dim, num_indices) <= 0:
        raise ValueError("sizes must be positive")
    n, num, dim = num_indices, num_embeddings, embedding_dim
    return {
        "product_multiply_adds": n * num * dim,
        "product_bytes": 4 * (n * num + num * dim + n * dim),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * n * (1 + dim),
    }


def lookup(weight, idx):
    return weight[idx]
