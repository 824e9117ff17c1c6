# fails: repeats: averages the gradients of a repeated id instead of adding them
import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    flat = idx.reshape(-1).long()
    g = grad_output.detach().reshape(flat.numel(), dim)
    out = g.new_zeros(num_embeddings, dim)
    out.scatter_reduce_(0, flat[:, None].expand(-1, dim), g, reduce="mean", include_self=False)
    if padding_idx is not None:
        out[padding_idx] = 0
    return out
