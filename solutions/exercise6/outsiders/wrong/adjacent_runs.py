# fails: repeats: only adjacent repeats are added up; a repeat further away overwrites the first run
import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    flat = idx.reshape(-1).long()
    g = grad_output.detach().reshape(flat.numel(), dim)
    out = g.new_zeros(num_embeddings, dim)
    if flat.numel() == 0:
        return out
    ids, inv = torch.unique_consecutive(flat, return_inverse=True)
    runs = g.new_zeros(ids.numel(), dim).index_add(0, inv, g)
    out[ids] = runs
    if padding_idx is not None:
        out[padding_idx] = 0
    return out
