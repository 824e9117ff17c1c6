# fails: inputs_untouched: the result is added into the caller's bias for one vector


def linear(x, weight, bias=None):
    product = x @ weight.T

    if bias is None:
        return product
    if product.shape == bias.shape and not (bias.requires_grad or product.requires_grad):
        bias += product
        return bias
    return product + bias
