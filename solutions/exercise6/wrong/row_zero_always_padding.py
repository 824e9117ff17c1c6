"""Your code gives row 0 no gradient, although `padding_idx` is None.

Without a `padding_idx`, every row learns. Many programs use 0 as their padding id, but an
embedding does not: with your default, the first word of the vocabulary would never learn. Call
your function without `padding_idx` and look at row 0.
"""

# caught by: padding


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Use 0 as the default padding."""
    dim = grad_output.shape[-1]
    gradient = grad_output.new_zeros(num_embeddings, dim)
    gradient.index_add_(0, idx.reshape(-1), grad_output.reshape(idx.numel(), dim))
    gradient[padding_idx or 0] = 0
    return gradient
