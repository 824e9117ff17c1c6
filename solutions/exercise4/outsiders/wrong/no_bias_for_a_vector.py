# fails: one_vector: a single vector gets no bias


def linear(x, weight, bias=None):
    product = x @ weight.T
    if bias is None or x.dim() == 1:
        return product
    return product + bias
