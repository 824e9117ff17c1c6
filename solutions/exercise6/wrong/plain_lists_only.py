"""Your code accepts only a 1-D `idx`, but ids come in any shape.

A batch of sentences is a 2-D `idx`, and its `grad_output` has three dimensions. `index_add_`
needs a 1-D list of ids and a matrix of rows. How the ids were grouped does not matter for the
sum. Try an `idx` of shape (2, 3), and change the shape of both inputs first.
"""

# caught by: any_rank


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    """Pass the ids in their original shape."""
    gradient = grad_output.new_zeros(num_embeddings, grad_output.shape[-1])
    gradient.index_add_(0, idx, grad_output)
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
