# fails: dtype: the sums are computed in float16

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    total = torch.zeros(num_embeddings, dim, dtype=torch.float16)
    gradient = total.index_add(0, ids, rows.half()).to(rows.dtype)
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
