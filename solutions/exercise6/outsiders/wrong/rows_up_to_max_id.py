# fails: untouched_rows, single_and_empty: the result has only max(idx) + 1 rows, so trailing rows that do not occur are missing
import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    flat = idx.reshape(-1)
    n = int(flat.max()) + 1 if flat.numel() else num_embeddings
    out = grad_output.new_zeros(n, dim)
    out.index_add_(0, flat, grad_output.detach().reshape(flat.numel(), dim))
    if padding_idx is not None and padding_idx < n:
        out[padding_idx] = 0
    return out
