"""Your code takes `padding_idx=0` for none at all.

`if padding_idx:` asks whether the number is true, and 0 is as false as None is. Yet 0 is the
most usual padding id of all. Ask what you mean: is it None?
"""

# caught by: padding_zero


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Ask the number whether it is true."""
    dim = grad_output.shape[-1]
    gradient = grad_output.new_zeros(num_embeddings, dim)
    gradient.index_add_(0, idx.reshape(-1), grad_output.reshape(idx.numel(), dim))
    if padding_idx:
        gradient[padding_idx] = 0
    return gradient
