# fails: padding_zero: padding_idx=0 is treated as no padding because of a truth test
import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    out = grad_output.new_zeros(num_embeddings, dim)
    out.index_add_(0, idx.reshape(-1), grad_output.detach().reshape(idx.numel(), dim))
    if padding_idx:
        out[padding_idx] = 0
    return out
