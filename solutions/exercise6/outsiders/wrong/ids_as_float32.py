# fails: id_types: ids pass through float32, which cannot hold 2**24 + 1

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    flat = grad_output.reshape(idx.numel(), dim)
    ids = idx.reshape(-1).float()
    if padding_idx is not None:
        keep = ids != padding_idx
        ids, flat = ids[keep], flat[keep]
    out = torch.zeros(num_embeddings, dim, dtype=grad_output.dtype)
    return out.index_add_(0, ids.long(), flat)
