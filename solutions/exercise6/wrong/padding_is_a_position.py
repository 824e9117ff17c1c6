"""Your code treats `padding_idx` as a position in `idx`.

It is an id. Every occurrence of that id is ignored, at any position. The position with that
number may contain any other id, and the row of that id needs its gradient. In the result,
exactly one row must be zero because of it: row `padding_idx`.
"""

# caught by: padding


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Skip the position with that number."""
    dim = grad_output.shape[-1]
    rows = grad_output.reshape(idx.numel(), dim).clone()
    if padding_idx is not None and padding_idx < len(rows):
        rows[padding_idx] = 0
    gradient = grad_output.new_zeros(num_embeddings, dim)
    gradient.index_add_(0, idx.reshape(-1), rows)
    return gradient
