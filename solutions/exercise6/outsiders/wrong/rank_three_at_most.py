# fails: any_rank: three loops, so an idx of four dimensions fails

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    gradient = grad_output.new_zeros(num_embeddings, grad_output.shape[-1])
    if idx.dim() > 3:
        message = "idx has too many dimensions"
        raise ValueError(message)
    for place in (
        torch.cartesian_prod(*map(torch.arange, idx.shape)).reshape(-1, idx.dim()).tolist()
    ):
        gradient[idx[tuple(place)]] += grad_output[tuple(place)]
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
