# fails: repeats: it adds at most two gradients of an id


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    gradient = rows.new_zeros(num_embeddings, dim)
    for number in range(num_embeddings):
        gradient[number] = rows[ids == number][:2].sum(0)
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
