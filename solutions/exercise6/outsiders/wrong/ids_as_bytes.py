# fails: id_types: ids above 127 do not fit the 8-bit integers

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    small = ids.to(torch.int8).long() % num_embeddings
    gradient = rows.new_zeros(num_embeddings, dim).index_add(0, small, rows)
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
