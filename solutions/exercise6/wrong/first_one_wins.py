"""Your code keeps the first gradient of each id and drops the others.

Each occurrence of an id influences the loss, so the gradient of its row is the sum over all
occurrences. Compute the example of the statement: row 3 must be [11, 22].
"""

# caught by: repeats


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Skip ids that occurred before."""
    dim = grad_output.shape[-1]
    gradient = grad_output.new_zeros(num_embeddings, dim)
    seen = set()
    for number, row in zip(
        idx.reshape(-1).tolist(), grad_output.reshape(idx.numel(), dim), strict=True
    ):
        if number not in seen:
            gradient[number] = row
        seen.add(number)
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
