# fails: any_sizes: a square weight is not transposed


def linear(x, weight, bias=None):
    product = x @ weight if weight.shape[0] == weight.shape[1] else x @ weight.T
    return product if bias is None else product + bias
