# fails: dtype: bfloat16 numbers go through float16, which is too small for them

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    kind = torch.float16 if rows.dtype is torch.bfloat16 else rows.dtype
    gradient = torch.zeros(num_embeddings, dim, dtype=kind).index_add(0, ids, rows.to(kind))
    gradient = gradient.to(rows.dtype)
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
