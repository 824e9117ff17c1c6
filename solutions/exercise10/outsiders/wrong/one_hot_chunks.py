# fails: million_rows: a one-hot row per id is multiplied in turn, so a nan or infinity in any other row spoils the result
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
    rows = []
    for i in idx.reshape(-1).tolist():
        one = torch.zeros(1, num, dtype=weight.dtype)
        one[0, i] = 1
        rows.append(one @ weight)
    out = torch.cat(rows) if rows else weight[:0]
    return out.reshape(idx.shape + (dim,))
