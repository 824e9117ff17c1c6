"""An infinite gradient also changes rows of other ids here.

A product with one-hot rows has this effect: every row of the result adds up all gradients, each
times 1 or 0, and `0 * inf` is nan. With finite gradients the product is right. Add each gradient
only to the row of its id.
"""

# caught by: untouched_rows

from torch.nn import functional as F


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Multiply the transposed one-hot rows and the gradients."""
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    one_hot = F.one_hot(ids, num_embeddings).to(rows.dtype)
    gradient = one_hot.T @ rows
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
