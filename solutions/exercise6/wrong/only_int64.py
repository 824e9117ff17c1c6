"""Your code works for int64 ids but not for int32 ids.

`F.one_hot` and `torch.take_along_dim` accept only int64, although an embedding accepts int32
too. Call your function with int32 ids and see which line fails. Every int32 number fits into an
int64, so converting loses nothing.
"""

# caught by: id_types

from torch.nn import functional as F


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Multiply by one-hot columns of int64 ids."""
    dim = grad_output.shape[-1]
    one_hot = F.one_hot(idx.reshape(-1), num_embeddings).to(grad_output.dtype)
    gradient = one_hot.T @ grad_output.reshape(idx.numel(), dim)
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
