# fails: rows: it reads the memory of grad_output and ignores its strides

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    flat = torch.as_strided(grad_output, (idx.numel(), dim), (dim, 1))
    gradient = rows.new_zeros(num_embeddings, dim).index_add(0, ids, flat)
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
