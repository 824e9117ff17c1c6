# passes: index_put with accumulate


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    gradient = rows.new_zeros(num_embeddings, dim)
    gradient.index_put_((ids,), rows, accumulate=True)
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
