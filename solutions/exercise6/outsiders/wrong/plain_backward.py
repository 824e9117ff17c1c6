# fails: rows: it calls backward


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    weight = rows.new_zeros(num_embeddings, dim).requires_grad_()
    (weight[ids] * rows).sum().backward()
    gradient = weight.grad
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
