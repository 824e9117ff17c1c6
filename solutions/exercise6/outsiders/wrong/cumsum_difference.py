# fails: repeats: takes differences of a running sum that loses small gradients after large ones
import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    flat = idx.reshape(-1).long()
    g = grad_output.detach().reshape(flat.numel(), dim)
    g = g[torch.argsort(flat, stable=True)]
    run = torch.cat([g.new_zeros(1, dim), g.cumsum(0)])
    ends = torch.bincount(flat, minlength=num_embeddings).cumsum(0)
    starts = torch.cat([ends.new_zeros(1), ends[:-1]])
    out = run[ends] - run[starts]
    if padding_idx is not None:
        out[padding_idx] = 0
    return out
