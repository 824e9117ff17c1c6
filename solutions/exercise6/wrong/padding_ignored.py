"""`padding_idx` has no effect on your result.

The padding id only fills up short sentences, so its row must not learn: its gradient is zero,
no matter how often the id occurs. Call your function with `padding_idx=3` on the example of the
statement and look at row 3.
"""

# caught by: padding


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Ignore the padding."""
    dim = grad_output.shape[-1]
    gradient = grad_output.new_zeros(num_embeddings, dim)
    gradient.index_add_(0, idx.reshape(-1), grad_output.reshape(idx.numel(), dim))
    return gradient
