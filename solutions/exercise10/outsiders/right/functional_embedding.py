# passes: torch's functional embedding; the costs are summed in a loop over the operands
import torch
import torch.nn.functional as F


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    n, num, dim = num_indices, num_embeddings, embedding_dim
    total = {"product": 0, "lookup": 0}
    for way, rows, cols, size in [
        ("product", n, num, 4),
        ("product", num, dim, 4),
        ("product", n, dim, 4),
        ("lookup", n, 1, 8),
        ("lookup", n, dim, 4),
        ("lookup", n, dim, 4),
    ]:
        total[way] += rows * cols * size
    return {
        "lookup_bytes": total["lookup"],
        "product_bytes": total["product"],
        "lookup_multiply_adds": 0,
        "product_multiply_adds": n * num * dim,
    }


def lookup(weight, idx):
    return F.embedding(idx, weight)
