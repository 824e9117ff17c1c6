"""Your loop adds up correctly for a plain list of ids, and loses repeats within a row of a 2-D `idx`.

With two dimensions, the loop variable is no id but a whole row of them, and `+=` with a row of
ids keeps one gradient of each. Bring the ids into a plain list before you walk over them.
"""

# caught by: any_rank


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Walk over the first dimension only."""
    gradient = grad_output.new_zeros(num_embeddings, grad_output.shape[-1])
    if idx.dim() == 0:
        gradient[idx] += grad_output
    else:
        for position, row in enumerate(idx):
            gradient[row] += grad_output[position]
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
