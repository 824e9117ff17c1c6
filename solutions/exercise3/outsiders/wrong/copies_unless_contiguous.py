# fails: contiguous: it clones a transpose, which keeps the order of the weight in memory


def linear_to_embedding(weight, bias=None):
    table = weight.T
    if not table.is_contiguous():
        table = table.clone()
    else:
        table = table.clone()
    return table if bias is None else table + bias
