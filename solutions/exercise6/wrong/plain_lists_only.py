"""Your code takes a list of ids only, and ids come in any shape.

A batch of sentences is a 2-D `idx`, and its `grad_output` has three dimensions. `index_add_`
wants a plain list of ids and a matrix of rows, so both need another shape first. How they are
grouped doesn't matter for the sum.
"""

# caught by: any_rank


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Hand over the ids in the shape they have."""
    gradient = grad_output.new_zeros(num_embeddings, grad_output.shape[-1])
    gradient.index_add_(0, idx, grad_output)
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
