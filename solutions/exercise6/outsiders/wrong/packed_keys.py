# fails: repeats: a key of id and position has room for 1000 positions only
"""Exercise 6."""

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    flat = idx.reshape(-1).long()
    grads = grad_output.reshape(-1, dim)
    keys = (flat * 1000 + torch.arange(flat.numel())).sort().values
    result = torch.zeros(num_embeddings + flat.numel() // 1000 + 1, dim, dtype=grad_output.dtype)
    result.index_add_(0, keys // 1000, grads[keys % 1000])
    if padding_idx is not None:
        result[padding_idx] = 0
    return result[:num_embeddings].clone()
