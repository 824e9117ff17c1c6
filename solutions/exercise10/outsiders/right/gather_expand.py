# passes: gather along dimension 0 with the ids expanded over the columns
import torch
import torch.nn.functional as F


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    n, num, dim = num_indices, num_embeddings, embedding_dim
    return {
        "product_multiply_adds": num * dim * n,
        "product_bytes": (n * num + dim * (num + n)) << 2,
        "lookup_multiply_adds": 0,
        "lookup_bytes": (n + n * dim) << 3,
    }


def lookup(weight, idx):
    dim = weight.shape[1]
    flat = idx.reshape(-1, 1).expand(-1, dim) if idx.numel() else idx.reshape(0, 1).expand(0, dim)
    return weight.gather(0, flat).reshape(idx.shape + (dim,))
