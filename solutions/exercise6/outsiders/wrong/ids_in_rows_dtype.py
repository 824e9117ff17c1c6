# fails: dtype: a 16-bit float cannot tell large ids apart

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    names = torch.arange(num_embeddings).to(rows.dtype)
    hits = ids.to(rows.dtype)[:, None].eq(names).to(rows.dtype)
    gradient = hits.T @ rows
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
