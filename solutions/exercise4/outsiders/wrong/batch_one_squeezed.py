# fails: any_sizes: a batch of one becomes a vector


def linear(x, weight, bias=None):
    product = x @ weight.T
    if product.shape[0] == 1 and product.dim() > 1:
        product = product[0]
    return product if bias is None else product + bias
