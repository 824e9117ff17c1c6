# fails: rows, repeats, any_rank, padding, padding_zero, single_and_empty, dtype, id_types: none becomes -1, so without padding the last row is zeroed
import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    padding_idx = -1 if padding_idx is None else padding_idx
    dim = grad_output.shape[-1]
    out = grad_output.new_zeros(num_embeddings, dim)
    out.index_add_(0, idx.reshape(-1), grad_output.detach().reshape(idx.numel(), dim))
    out[padding_idx] = 0
    return out
