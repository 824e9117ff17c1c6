"""Your code works for int64 ids but not for int32 ids.

`F.one_hot` and `torch.take_along_dim` accept only int64, although an embedding accepts int32
too. Call your function with int32 ids and see which line fails. Every int32 number fits into an
int64, so converting loses nothing.
"""

# caught by: id_types

import torch
from torch.nn import functional as F


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Keep the gradients at the ones of the one-hot rows of int64 ids, and add them up."""
    dim = grad_output.shape[-1]
    is_here = F.one_hot(idx.reshape(-1), num_embeddings).bool().unsqueeze(-1)
    rows = grad_output.reshape(idx.numel(), 1, dim)
    gradient = torch.where(is_here, rows, 0).sum(0)
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
