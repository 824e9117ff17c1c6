# fails: any_rank: `view` cannot flatten ids that are not contiguous


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    gradient = grad_output.new_zeros(num_embeddings, dim)
    gradient.index_add_(0, idx.view(-1), grad_output.reshape(idx.numel(), dim))
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
