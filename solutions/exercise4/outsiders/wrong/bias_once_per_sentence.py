# fails: leading: with three dimensions only the first vector of each sentence gets the bias

import torch


def linear(x, weight, bias=None):
    product = x @ weight.T

    if bias is None:
        return product
    if product.dim() < 3 or not product.numel():
        return product + bias
    shift = torch.zeros_like(product)
    shift[..., 0, :] = bias
    return product + shift
