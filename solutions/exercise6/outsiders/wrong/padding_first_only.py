# fails: padding: only the first use of the padding id is ignored


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    if padding_idx is not None:
        hit = (ids == padding_idx).nonzero()[:1, 0]
        rows = rows.index_fill(0, hit, 0)
    gradient = rows.new_zeros(num_embeddings, dim).index_add(0, ids, rows)
    return gradient
