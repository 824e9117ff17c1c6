"""Your code multiplies `grad_output` by the ids.

In a linear layer, the gradient of the weight is a product with the input, because the input is a
number that is multiplied. An id is no such number: it only says which row is read. Id 4 does not
count four times as much as id 1. Its gradient goes to row 4, unchanged.

Compare the results for `idx = [1]` and `idx = [4]`: the same numbers, in another row.
"""

# caught by: rows


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Multiply as a linear layer does."""
    gradient = grad_output.new_zeros(num_embeddings, grad_output.shape[-1])
    gradient[...] = idx.to(grad_output.dtype).T @ grad_output
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
