# fails: gradient: more than 256 ids are copied in chunks into a float32 tensor: more than 256 ids AND float64 loses digits
import torch
from torch import Tensor

CHUNK = 256


def lookup_cost(num_embeddings: int, embedding_dim: int, num_indices: int) -> dict[str, int]:
    n, num, dim = num_indices, num_embeddings, embedding_dim
    return {
        "product_multiply_adds": n * num * dim,
        "product_bytes": 4 * (n * num + num * dim + n * dim),
        "lookup_multiply_adds": 0,
        "lookup_bytes": 8 * n + 8 * n * dim,
    }


def lookup(weight: Tensor, idx: Tensor) -> Tensor:
    if idx.numel() <= CHUNK:
        return weight[idx]
    ids = idx.reshape(-1)
    result = torch.empty(len(ids), weight.shape[1])
    for start in range(0, len(ids), CHUNK):
        result[start : start + CHUNK] = weight[ids[start : start + CHUNK]]
    return result.reshape(*idx.shape, -1).to(weight.dtype)
