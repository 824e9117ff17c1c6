# fails: repeats: differences of one running sum lose the small gradients beside large ones

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    order = ids.argsort(stable=True)
    total = torch.cat([rows.new_zeros(1, dim), rows[order].cumsum(0)])
    names = torch.arange(num_embeddings)
    last = torch.searchsorted(ids[order], names, right=True)
    gradient = total[last] - total[torch.searchsorted(ids[order], names)]
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
