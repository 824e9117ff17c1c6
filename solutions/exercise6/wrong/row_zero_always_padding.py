"""Your code leaves row 0 without a gradient although nobody said that 0 is padding.

`padding_idx` is None unless it is given, and then every row learns. A padding id of 0 is a
habit of many programs, not a property of embeddings: with such a default the first word of the
vocabulary would never learn.
"""

# caught by: padding


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Take 0 for the default padding."""
    dim = grad_output.shape[-1]
    gradient = grad_output.new_zeros(num_embeddings, dim)
    gradient.index_add_(0, idx.reshape(-1), grad_output.reshape(idx.numel(), dim))
    gradient[padding_idx or 0] = 0
    return gradient
