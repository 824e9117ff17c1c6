# fails: rows, repeats: a table that is kept collects the gradients of all calls


TABLES = {}


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    key = num_embeddings, dim, rows.dtype
    gradient = TABLES.setdefault(key, rows.new_zeros(num_embeddings, dim))
    gradient.index_add_(0, ids, rows)
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
