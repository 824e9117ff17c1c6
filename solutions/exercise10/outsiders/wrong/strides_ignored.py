# fails: rows, any_shape: the storage is read as if the weight were contiguous, so a transposed or sliced weight gives wrong numbers
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
    num, dim = weight.shape
    table = weight.as_strided((num, dim), (dim, 1))
    return table[idx]
