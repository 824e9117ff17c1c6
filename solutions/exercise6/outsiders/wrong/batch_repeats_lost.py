# fails: any_rank: adds over the first axis but repeats inside one slice overwrite each other
import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    idx = idx.long()
    if idx.dim() < 2:
        idx, grad_output = idx.reshape(-1, 1), grad_output.reshape(idx.numel(), 1, dim)
    out = grad_output.new_zeros(num_embeddings, dim)
    for ids, g in zip(idx, grad_output.detach()):
        part = torch.zeros_like(out)
        part[ids] = g
        out += part
    if padding_idx is not None:
        out[padding_idx] = 0
    return out
