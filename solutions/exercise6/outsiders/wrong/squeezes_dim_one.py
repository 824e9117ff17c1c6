# fails: rows, single_and_empty: squeeze() drops the last axis when dim is 1, so the shape is (num_embeddings,)
import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    flat = idx.reshape(-1).long()
    g = grad_output.detach().reshape(flat.numel(), dim)
    out = g.new_zeros(num_embeddings, dim)
    for i in range(flat.numel()):
        if padding_idx is None or int(flat[i]) != padding_idx:
            out[flat[i]] += g[i]
    return out.squeeze()
