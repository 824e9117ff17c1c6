"""Your code keeps one gradient for each id, the one that comes first, and drops the others.

Each occurrence of an id had its own influence on the loss, and the gradient of the row is the
sum of them all. That an id was there already is no reason to skip it: it is the reason to add.
"""

# caught by: repeats


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Skip an id that was there already."""
    dim = grad_output.shape[-1]
    gradient = grad_output.new_zeros(num_embeddings, dim)
    seen = set()
    for number, row in zip(idx.reshape(-1).tolist(), grad_output.reshape(idx.numel(), dim), strict=True):
        if number not in seen:
            gradient[number] = row
        seen.add(number)
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
