"""Your code treats `padding_idx=0` like None.

`if padding_idx:` is false for 0 as well as for None. But 0 is a valid id, and the most common
padding id. You want to know something else: was a `padding_idx` given at all? Try `bool(0)` and
`bool(None)`.
"""

# caught by: padding_zero


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Test padding_idx for truth."""
    dim = grad_output.shape[-1]
    gradient = grad_output.new_zeros(num_embeddings, dim)
    gradient.index_add_(0, idx.reshape(-1), grad_output.reshape(idx.numel(), dim))
    if padding_idx:
        gradient[padding_idx] = 0
    return gradient
