"""Your gradients of repeated ids don't add up: of several, one is left.

`table[idx] += rows` does three things one after the other: it reads the rows, adds to what it
read, and writes them back. An id that occurs twice is read twice before anything is written, and
one writing replaces the other, just as with `table[idx] = rows`. Adding at an index needs a
method made for it.
"""

# caught by: repeats


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Trust += with an index."""
    gradient = grad_output.new_zeros(num_embeddings, grad_output.shape[-1])
    gradient[idx] += grad_output
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
