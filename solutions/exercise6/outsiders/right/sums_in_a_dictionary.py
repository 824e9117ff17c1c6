# passes: a dictionary of sums


def lookup_backward(grad_output, idx, num_embeddings, padding_idx=None):
    dim = grad_output.shape[-1]
    ids = idx.reshape(-1).long()
    rows = grad_output.reshape(idx.numel(), dim)
    sums = {}
    for number, row in zip(ids.tolist(), rows, strict=True):
        sums[number] = sums[number] + row if number in sums else row
    gradient = rows.new_zeros(num_embeddings, dim)
    for number, total in sums.items():
        gradient[number] = total
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient
