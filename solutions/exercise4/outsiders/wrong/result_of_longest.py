# fails: leading: leading sizes are swapped


def linear(x, weight, bias=None):
    product = x @ weight.T
    if product.dim() > 2:
        product = product.transpose(0, 1)
    return product if bias is None else product + bias
