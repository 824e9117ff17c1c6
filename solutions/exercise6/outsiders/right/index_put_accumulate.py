# passes: index_put with accumulate on the kept (non padding) occurrences only
import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    flat = idx.reshape(-1).long()
    g = grad_output.detach().reshape(flat.numel(), dim)
    if padding_idx is not None:
        keep = flat != padding_idx
        flat, g = flat[keep], g[keep]
    return g.new_zeros(num_embeddings, dim).index_put((flat,), g, accumulate=True)
