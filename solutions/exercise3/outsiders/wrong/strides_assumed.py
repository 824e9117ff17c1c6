# fails: own_memory: contiguous does not copy a weight that is already transposed


def linear_to_embedding(weight, bias=None):
    table = weight.T
    if table.shape[0] == 1 or table.shape[1] == 1:
        table = table.clone()
    table = table.contiguous()
    return table if bias is None else table + bias
