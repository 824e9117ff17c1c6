# fails: bias_gradient: the bias gets the mean of the gradients of all vectors


def linear(x, weight, bias=None):
    product = x @ weight.T

    if bias is None:
        return product
    rows = max(product.numel() // len(bias), 1)
    return product + bias.detach() + (bias - bias.detach()) / rows
