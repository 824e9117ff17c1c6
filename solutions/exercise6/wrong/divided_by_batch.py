"""Your code divides the whole gradient by the number of ids.

If the loss is a mean over the batch, then `grad_output` holds that division already:
backpropagation hands each function the finished gradient of its output. Divided again, an
embedding would learn the slower the more ids are looked up at a time.
"""

# caught by: rows


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Take a mean over the batch once more."""
    dim = grad_output.shape[-1]
    gradient = grad_output.new_zeros(num_embeddings, dim)
    gradient.index_add_(0, idx.reshape(-1), grad_output.reshape(idx.numel(), dim))
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient / max(idx.numel(), 1)
