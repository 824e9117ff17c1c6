# fails: repeats, dtype: a row gets the largest of its gradients
import torch
import torch.nn.functional as F


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    flat = idx.reshape(-1).long()
    g = grad_output.detach().reshape(flat.numel(), grad_output.shape[-1])
    out = g.new_zeros(num_embeddings, g.shape[1])

    out = out.scatter_reduce(0, flat.unsqueeze(1).expand_as(g), g, "amax", include_self=False)
    if padding_idx is not None:
        out[padding_idx] = 0
    return out
