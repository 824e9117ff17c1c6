# passes: each column is looked up alone and the columns are stacked at the end
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
    columns = [column[idx] for column in weight.unbind(1)]
    if not columns:
        return weight[idx]
    return torch.stack(columns, dim=-1)
