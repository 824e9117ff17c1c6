"""Your code takes a `padding_idx` and does nothing with it.

The padding id occurs in nearly every sentence, so its row would get the largest gradient of
all. That is what `padding_idx` prevents: the row's gradient is zero however often the id
occurs.
"""

# caught by: padding


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Forget the padding."""
    dim = grad_output.shape[-1]
    gradient = grad_output.new_zeros(num_embeddings, dim)
    gradient.index_add_(0, idx.reshape(-1), grad_output.reshape(idx.numel(), dim))
    return gradient
