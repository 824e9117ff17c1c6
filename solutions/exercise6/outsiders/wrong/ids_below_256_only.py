# fails: id_types: ids from 256 on are ignored


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    keep = ids < 256
    gradient = rows.new_zeros(num_embeddings, dim).index_add(0, ids[keep], rows[keep])
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
