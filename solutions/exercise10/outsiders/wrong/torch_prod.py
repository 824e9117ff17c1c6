# fails: large_sizes: the product is computed in an int64 tensor, which overflows for very large sizes
import torch
import torch.nn.functional as F


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    n, num, dim = num_indices, num_embeddings, embedding_dim
    return {
        "product_multiply_adds": torch.tensor([n, num, dim]).prod().item(),
        "product_bytes": 4 * (n * num + num * dim + n * dim),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * n + 4 * n * dim + 4 * n * dim,
    }


def lookup(weight, idx):
    return weight[idx]
