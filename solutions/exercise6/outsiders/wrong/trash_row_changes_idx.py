# fails: inputs_untouched: sends padding ids to an extra trash row by rewriting the caller's idx in place
import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    if padding_idx is not None:
        idx.masked_fill_(idx == padding_idx, num_embeddings)
    out = grad_output.new_zeros(num_embeddings + 1, dim)
    out.index_add_(0, idx.reshape(-1), grad_output.detach().reshape(idx.numel(), dim))
    return out[:num_embeddings].clone()
