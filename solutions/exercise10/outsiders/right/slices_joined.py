import torch
from torch import Tensor


def lookup_cost(num_embeddings: int, embedding_dim: int, num_indices: int) -> dict[str, int]:
    cost = dict.fromkeys(
        ["product_multiply_adds", "product_bytes", "lookup_multiply_adds", "lookup_bytes"], 0
    )
    for rows, columns in [
        (num_indices, num_embeddings),
        (num_embeddings, embedding_dim),
        (num_indices, embedding_dim),
    ]:
        cost["product_bytes"] += 4 * rows * columns
    cost["product_multiply_adds"] += num_embeddings * embedding_dim * num_indices
    cost["lookup_bytes"] += num_indices * (8 + 2 * 4 * embedding_dim)
    return cost


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    rows = [weight[:0]] + [weight.narrow(0, i, 1) for i in idx.flatten().tolist()]
    return torch.cat(rows).reshape(*idx.shape, weight.shape[1])
