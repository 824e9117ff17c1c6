# passes: sends the padding ids to an extra row that is cut off, and adds with scatter_add
import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    flat = idx.reshape(-1).to(torch.int64)
    if padding_idx is not None:
        flat = torch.where(flat == padding_idx, num_embeddings, flat)
    g = grad_output.detach().reshape(flat.numel(), dim)
    out = g.new_zeros(num_embeddings + 1, dim)
    out = out.scatter_add(0, flat.unsqueeze(1).expand(-1, dim), g)
    return out[:-1].clone()
