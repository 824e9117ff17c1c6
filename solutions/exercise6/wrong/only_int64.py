"""Your code takes int64 ids only, and int32 ids are ids too.

`F.one_hot`, `scatter_add` and a few others insist on int64, where an embedding accepts int32 as
well. Convert the ids with `.long()` before you hand them to such a function.
"""

# caught by: id_types

from torch.nn import functional as F


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Multiply with one-hot columns of int64 ids."""
    dim = grad_output.shape[-1]
    one_hot = F.one_hot(idx.reshape(-1), num_embeddings).to(grad_output.dtype)
    gradient = one_hot.T @ grad_output.reshape(idx.numel(), dim)
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
