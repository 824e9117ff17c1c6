"""Your code adds up a plain list of ids correctly, but loses repeats in a 2-D `idx`.

With two dimensions, your loop variable is a whole row of ids. `+=` with a row of ids keeps only
one gradient per id. Try `idx = torch.tensor([[3, 3]])` with a `grad_output` of ones. Which
shape of ids does your loop need?
"""

# caught by: any_rank


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Loop over the first dimension only."""
    gradient = grad_output.new_zeros(num_embeddings, grad_output.shape[-1])
    if idx.dim() == 0:
        gradient[idx] += grad_output
    else:
        for position, row in enumerate(idx):
            gradient[row] += grad_output[position]
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
