# passes: the padding ids are dropped before the sum


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    if padding_idx is not None:
        ids, rows = ids[ids != padding_idx], rows[ids != padding_idx]
    gradient = rows.new_zeros(num_embeddings, dim).scatter_add(
        0, ids[:, None].expand(-1, dim), rows
    )
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
