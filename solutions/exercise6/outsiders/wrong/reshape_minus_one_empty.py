# fails: single_and_empty: reshape(idx.numel(), -1) is ambiguous and raises for an empty idx
import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    g = grad_output.detach().reshape(idx.numel(), -1)
    out = g.new_zeros(num_embeddings, grad_output.shape[-1])
    out.index_add_(0, idx.reshape(-1), g)
    if padding_idx is not None:
        out[padding_idx] = 0
    return out
