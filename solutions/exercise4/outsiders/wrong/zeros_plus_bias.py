# fails: batch, leading, dtype: nothing is multiplied


def linear(x, weight, bias=None):
    product = x.new_zeros(*x.shape[:-1], len(weight))
    return product if bias is None else product + bias
