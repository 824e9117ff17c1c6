"""Your gradient has as many rows as the largest id of this call needs.

The table may have more rows. An optimizer subtracts the gradient from the weight, so both need
the same shape. Rows that were not used are zero, not absent. Print the shape of your result for
`idx = torch.tensor([0])` and a table of 5 rows.
"""

# caught by: untouched_rows


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Let the batch decide how many rows there are."""
    dim = grad_output.shape[-1]
    num = int(idx.max()) + 1 if idx.numel() else 0
    gradient = grad_output.new_zeros(num, dim)
    gradient.index_add_(0, idx.reshape(-1), grad_output.reshape(idx.numel(), dim))
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
