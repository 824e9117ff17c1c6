"""Your result lacks the row `padding_idx`, which should be there and be zero.

The padding id has a row in the table like all others; it is only not trained. Taken out, every
later row moves up by one and belongs to another id, and the gradient no longer has the shape of
the weight.
"""

# caught by: padding

import torch


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Take the padding row out."""
    dim = grad_output.shape[-1]
    gradient = grad_output.new_zeros(num_embeddings, dim)
    gradient.index_add_(0, idx.reshape(-1), grad_output.reshape(idx.numel(), dim))
    if padding_idx is not None:
        gradient = torch.cat([gradient[:padding_idx], gradient[padding_idx + 1 :]])
    return gradient
