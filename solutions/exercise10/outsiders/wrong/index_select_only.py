# fails: any_shape, gradient: index_select is used without flattening, so ids with 0 or 2 and more dimensions get a wrong shape or an error
import torch
import torch.nn.functional as F


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    n, num, dim = num_indices, num_embeddings, embedding_dim
    return {
        "product_multiply_adds": n * num * dim,
        "product_bytes": 4 * (n * num + num * dim + n * dim),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * n + 4 * n * dim + 4 * n * dim,
    }


def lookup(weight, idx):
    return torch.index_select(weight, 0, idx)
