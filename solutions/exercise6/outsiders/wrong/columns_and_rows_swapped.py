# fails: rows: the result has shape (dim, num)


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    gradient = rows.new_zeros(num_embeddings, dim).index_add(0, ids, rows).T
    return gradient
