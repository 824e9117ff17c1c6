"""Your code divides the whole gradient by the number of ids.

If the loss is a mean over the batch, `grad_output` already contains that division. If you
divide again, an embedding learns more slowly the more ids it looks up. Try a single id, and
then the same id twice: the gradient must double if each `grad_output` row is the same.
"""

# caught by: rows


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Divide by the number of ids again."""
    dim = grad_output.shape[-1]
    gradient = grad_output.new_zeros(num_embeddings, dim)
    gradient.index_add_(0, idx.reshape(-1), grad_output.reshape(idx.numel(), dim))
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient / max(idx.numel(), 1)
