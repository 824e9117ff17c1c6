"""Your code adds each gradient to the row of its position instead of its id.

The loop counter replaced the id: the first gradient goes to row 0, the second to row 1.
`enumerate` gives the position first and the value second. Use `idx = torch.tensor([3])` and see
which row of your result changes.
"""

# caught by: rows


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Use the position as the id."""
    dim = grad_output.shape[-1]
    gradient = grad_output.new_zeros(num_embeddings, dim)
    for position, row in enumerate(grad_output.reshape(idx.numel(), dim)):
        gradient[position % num_embeddings] += row
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
