"""Your code removes the row `padding_idx` instead of setting it to zero.

The padding id has a row in the table like every other id; it only gets no gradient. If you
remove the row, all later rows move up by one, and the gradient no longer has the shape of the
weight. Print the shape of your result with and without a `padding_idx`.
"""

# caught by: padding

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Remove the padding row."""
    dim = grad_output.shape[-1]
    gradient = grad_output.new_zeros(num_embeddings, dim)
    gradient.index_add_(0, idx.reshape(-1), grad_output.reshape(idx.numel(), dim))
    if padding_idx is not None:
        gradient = torch.cat([gradient[:padding_idx], gradient[padding_idx + 1 :]])
    return gradient
