# passes: one mask for each row of the table

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    gradient = torch.stack([rows[ids == number].sum(0) for number in range(num_embeddings)])
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
