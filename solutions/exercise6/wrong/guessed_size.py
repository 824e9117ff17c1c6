"""Your code leaves a size to `reshape` as -1, which fails for an empty `idx`.

For -1, PyTorch divides the number of elements by the product of the other sizes. With no
elements, several sizes would fit, so PyTorch raises an error. You know both sizes: the number
of ids, and the length of a row. Try your code with an `idx` of shape (0,).
"""

# caught by: single_and_empty


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Let reshape work out the length of a row."""
    rows = grad_output.reshape(idx.numel(), -1)
    gradient = grad_output.new_zeros(num_embeddings, rows.shape[1])
    gradient.index_add_(0, idx.reshape(-1), rows)
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
