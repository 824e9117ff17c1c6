"""In this call, a repeated id keeps only one of its gradients.

`=`, `+=` and `-=` at an index have this effect: `table[idx] += rows` reads all rows, adds, and
writes them back, and `table[idx] = rows` only writes. For an id that occurs twice, one write
replaces the other. Try `table[[3, 3]] += 1` on a table of zeros. You need a method that adds at an
index and keeps every contribution.
"""

# caught by: repeats


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Use += with an index."""
    gradient = grad_output.new_zeros(num_embeddings, grad_output.shape[-1])
    gradient[idx] += grad_output
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
