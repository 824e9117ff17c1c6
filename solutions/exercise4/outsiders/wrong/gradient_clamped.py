# fails: weight_gradient: a hook clamps the gradient


def linear(x, weight, bias=None):
    product = x @ weight.T
    if product.requires_grad:
        product.register_hook(lambda g: g.clamp(-1, 1))
    return product if bias is None else product + bias
