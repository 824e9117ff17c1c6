# fails: repeats: equal gradients of one id count once

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    pairs = torch.cat([ids[:, None].to(rows.dtype), rows], 1).unique(dim=0)
    gradient = rows.new_zeros(num_embeddings, dim).index_add(0, pairs[:, 0].long(), pairs[:, 1:])
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
