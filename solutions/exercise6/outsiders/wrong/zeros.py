# fails: rows, padding, dtype: it returns zeros


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    gradient = grad_output.new_zeros(num_embeddings, grad_output.shape[-1])
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
