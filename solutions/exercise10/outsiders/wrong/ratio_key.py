# fails: product_multiply_adds, product_bytes, lookup_multiply_adds, lookup_bytes: a fifth key is returned and computing it divides by zero when the ids are 0
import torch
import torch.nn.functional as F


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    n, num, dim = num_indices, num_embeddings, embedding_dim
    out = {
        "product_multiply_adds": n * num * dim,
        "product_bytes": 4 * (n * num + num * dim + n * dim),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * n * (1 + dim),
    }
    out["ratio"] = out["product_bytes"] / out["lookup_bytes"]
    return out


def lookup(weight, idx):
    return weight[idx]
