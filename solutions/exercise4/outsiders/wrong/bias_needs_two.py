# fails: bias: a bias of one number is skipped


def linear(x, weight, bias=None):
    product = x @ weight.T

    if bias is not None and len(bias) > 1:
        product = product + bias
    return product
