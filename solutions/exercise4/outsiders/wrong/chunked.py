# fails: any_sizes: it multiplies the first 256 inputs only


def linear(x, weight, bias=None):
    product = x[..., :256] @ weight[:, :256].T
    return product if bias is None else product + bias
