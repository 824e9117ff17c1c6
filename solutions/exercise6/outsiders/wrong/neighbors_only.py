# fails: repeats: it adds only repeats that stand side by side


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    gradient = rows.new_zeros(num_embeddings, dim)
    last = None
    for number, row in zip(ids.tolist(), rows, strict=True):
        gradient[number] = gradient[number] + row if number == last else row
        last = number
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
