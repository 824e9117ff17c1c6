# fails: batch: the sizes of one example are written into the code


def linear(x, weight, bias=None):
    product = x.reshape(-1, 3) @ weight.reshape(2, 3).T
    return product if bias is None else product + bias
