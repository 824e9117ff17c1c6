"""Your table of gradients starts with ones instead of zeros.

A sum needs a neutral beginning, and every row that nobody asked for keeps what you began with.
`torch.ones` and `torch.empty` look much like `torch.zeros`; the last of them returns whatever
happened to be in memory, zeros often enough to deceive.
"""

# caught by: rows


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Begin with ones."""
    dim = grad_output.shape[-1]
    gradient = grad_output.new_ones(num_embeddings, dim)
    gradient.index_add_(0, idx.reshape(-1), grad_output.reshape(idx.numel(), dim))
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
