# fails: inputs_untouched: it turns on requires_grad of the caller's weight


def linear(x, weight, bias=None):
    weight.requires_grad_(True)
    product = x @ weight.T
    return product if bias is None else product + bias
