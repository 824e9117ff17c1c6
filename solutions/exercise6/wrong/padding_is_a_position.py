"""Your code takes `padding_idx` for a place in the sentence and ignores what stands there.

It is an id: wherever that id stands in `idx`, its gradient doesn't count, and in the place with
that number there may stand any id, whose row does want its gradient. In the end one row of the
result is zero: row `padding_idx`.
"""

# caught by: padding


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Skip the place with that number."""
    dim = grad_output.shape[-1]
    rows = grad_output.reshape(idx.numel(), dim).clone()
    if padding_idx is not None and padding_idx < len(rows):
        rows[padding_idx] = 0
    gradient = grad_output.new_zeros(num_embeddings, dim)
    gradient.index_add_(0, idx.reshape(-1), rows)
    return gradient
