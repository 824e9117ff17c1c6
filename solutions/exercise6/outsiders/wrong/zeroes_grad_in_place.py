# fails: inputs_untouched: zeroes the padding positions inside the caller's grad_output
import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    if padding_idx is not None:
        grad_output[idx == padding_idx] = 0
    out = grad_output.new_zeros(num_embeddings, dim)
    return out.index_add_(0, idx.reshape(-1), grad_output.reshape(idx.numel(), dim))
