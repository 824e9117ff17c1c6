# fails: leading: an empty batch gives one vector


def linear(x, weight, bias=None):
    product = x @ weight.T if x.numel() else x.new_zeros(1, len(weight))
    return product if bias is None else product + bias
