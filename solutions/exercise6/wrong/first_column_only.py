"""Your gradients arrive in the first column only.

Each id stands for a whole row. Some operations take a place for each single number instead:
`scatter_add_` reads as many numbers as its index has, so an index of shape (n, 1) reaches one
column. Print your result for a `grad_output` of ones.
"""

# caught by: rows


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Scatter with one place per id."""
    dim = grad_output.shape[-1]
    gradient = grad_output.new_zeros(num_embeddings, dim)
    gradient.scatter_add_(0, idx.reshape(-1, 1).long(), grad_output.reshape(-1, dim))
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
