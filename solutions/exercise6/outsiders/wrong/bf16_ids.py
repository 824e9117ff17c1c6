# fails: dtype, id_types: ids pass through bfloat16
import torch
import torch.nn.functional as F


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    flat = idx.reshape(-1).bfloat16().long()
    g = grad_output.detach().reshape(flat.numel(), grad_output.shape[-1])
    out = g.new_zeros(num_embeddings, g.shape[1])
    out.index_add_(0, flat, g)
    if padding_idx is not None:
        out[padding_idx] = 0
    return out
