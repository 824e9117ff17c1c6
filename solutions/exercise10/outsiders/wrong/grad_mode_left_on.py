# fails: inputs_untouched: set_grad_enabled changes the mode of the caller

import torch


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    n, v, d = num_indices, num_embeddings, embedding_dim
    return {
        "product_multiply_adds": n * v * d,
        "product_bytes": 4 * (n * v + v * d + n * d),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * n + 8 * n * d,
    }


def lookup(weight, idx):
    torch.set_grad_enabled(True)
    return weight[idx]
