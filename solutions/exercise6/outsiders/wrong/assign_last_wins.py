# fails: repeats: repeated ids overwrite each other, so only the last gradient survives
import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    out = grad_output.new_zeros(num_embeddings, dim)
    out[idx.long()] = grad_output.detach()
    if padding_idx is not None:
        out[padding_idx] = 0
    return out
