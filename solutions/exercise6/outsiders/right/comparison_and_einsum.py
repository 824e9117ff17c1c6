# passes: a comparison mask and einsum; only an infinite gradient changes other rows

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    hits = torch.eq(ids[:, None], torch.arange(num_embeddings, device=ids.device))
    gradient = torch.einsum("nv,nd->vd", hits.to(rows.dtype), rows)
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
