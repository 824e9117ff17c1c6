# fails: rows: it computes a vector-Jacobian product with autograd

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    weight = rows.new_zeros(num_embeddings, dim)
    _, gradient = torch.autograd.functional.vjp(lambda table: table[ids], weight, rows)
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
