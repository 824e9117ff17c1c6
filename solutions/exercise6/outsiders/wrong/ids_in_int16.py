# fails: id_types: ids become int16

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    small = idx.reshape(-1).to(torch.int16)
    out = grad_output.new_zeros(num_embeddings, dim)
    out.index_put_((small.long(),), grad_output.reshape(small.numel(), dim), accumulate=True)
    if padding_idx is not None:
        out[padding_idx] = 0
    return out
