# RIGHT: dict from a list of operand sizes; torch.take on flat positions
import torch
import torch.nn.functional as F
from torch import Tensor


def lookup_cost(num_embeddings, embedding_dim, num_indices):
    onehot, table, out = (
        (num_indices, num_embeddings),
        (num_embeddings, embedding_dim),
        (num_indices, embedding_dim),
    )
    area = lambda s: s[0] * s[1]
    return dict(
        product_multiply_adds=area(out) * num_embeddings,
        product_bytes=sum(4 * area(s) for s in (onehot, table, out)),
        lookup_multiply_adds=0,
        lookup_bytes=num_indices * 8 + sum(4 * area(s) for s in (out, out)),
    )


def lookup(weight, idx):
    dim = weight.shape[1]
    return torch.take(weight, idx[..., None] * dim + torch.arange(dim, device=idx.device))
