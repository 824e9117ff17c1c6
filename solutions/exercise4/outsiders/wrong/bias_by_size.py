# fails: bias: the bias goes along the rows if there are as many rows as outputs


def linear(x, weight, bias=None):
    product = x @ weight.T

    if bias is not None and product.shape[0] == bias.shape[0]:
        bias = bias.reshape(-1, *[1] * (product.dim() - 1))
    return product if bias is None else product + bias
