# passes: scatter_reduce with a sum


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    where = ids.unsqueeze(1).expand(-1, dim)
    gradient = rows.new_zeros(num_embeddings, dim).scatter_reduce(0, where, rows, "sum")
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
