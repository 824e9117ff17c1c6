"""Your code works for ids of two dimensions only.

It names exactly three sizes of `grad_output`, for example `batch, length, dim`, so a list of ids
and a single id raise an error. Only the last size has a meaning of its own: it is the length of a
row. Flatten all dimensions before it, and flatten `idx` in the same way.

Print `grad_output.reshape(-1, dim).shape` for gradients with two, three and four dimensions.
"""

# caught by: rows


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Unpack three sizes."""
    batch, length, dim = grad_output.shape
    gradient = grad_output.new_zeros(num_embeddings, dim)
    gradient.index_add_(0, idx.reshape(batch * length), grad_output.reshape(batch * length, dim))
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
