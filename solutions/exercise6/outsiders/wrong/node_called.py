# fails: rows: it calls the backward node of a lookup


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    weight = rows.new_zeros(num_embeddings, dim).requires_grad_()
    gradient = weight.index_select(0, ids).grad_fn(rows).clone()
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
