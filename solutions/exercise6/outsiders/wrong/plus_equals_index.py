# fails: repeats: out[idx] += g is not accumulating, so repeated ids keep one gradient only
import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    out = grad_output.new_zeros(num_embeddings, grad_output.shape[-1])
    out[idx.reshape(-1).long()] += grad_output.detach().reshape(idx.numel(), grad_output.shape[-1])
    if padding_idx is not None:
        out[padding_idx] = 0
    return out
