# fails: gradient: the gradient is divided by the number of uses of an id
import torch
import torch.nn.functional as F


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    v, d, n = num_embeddings, embedding_dim, num_indices
    return {
        "product_multiply_adds": n * v * d,
        "product_bytes": 4 * (n * v + v * d + n * d),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * n + 8 * n * d,
    }


def lookup(weight, idx):
    return F.embedding(idx, weight, scale_grad_by_freq=True)
