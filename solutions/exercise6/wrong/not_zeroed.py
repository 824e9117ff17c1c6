"""Your code does not start with a table of zeros.

Rows of ids that do not occur keep the start value, and every sum begins with it. `torch.ones`
starts with ones. `torch.empty` starts with any numbers that were in memory, which are often
zeros and so hide the error. Print your result for an id that does not occur.
"""

# caught by: rows


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Start with ones."""
    dim = grad_output.shape[-1]
    gradient = grad_output.new_ones(num_embeddings, dim)
    gradient.index_add_(0, idx.reshape(-1), grad_output.reshape(idx.numel(), dim))
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
