"""Your code leaves a size to `reshape`, as -1, and where there are no ids it cannot be worked out.

For -1 PyTorch divides the number of elements by the other sizes, and with no elements that is 0
/ 0 or 0 rows of any length. Both sizes are known: there are `idx.numel()` rows, and the length
of a row is the last size of `grad_output`.
"""

# caught by: single_and_empty


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Leave the length of a row to reshape."""
    rows = grad_output.reshape(idx.numel(), -1)
    gradient = grad_output.new_zeros(num_embeddings, rows.shape[1])
    gradient.index_add_(0, idx.reshape(-1), rows)
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
