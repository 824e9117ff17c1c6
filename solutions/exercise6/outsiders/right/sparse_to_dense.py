# passes: builds a hybrid sparse COO tensor with duplicate entries and lets to_dense add them
import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    wide = torch.float64
    flat = idx.reshape(1, -1).long()
    g = grad_output.detach().reshape(flat.numel(), dim).to(wide)
    out = torch.sparse_coo_tensor(flat, g, (num_embeddings, dim)).to_dense()
    if padding_idx is not None:
        out[padding_idx] = 0
    return out.to(grad_output.dtype)
