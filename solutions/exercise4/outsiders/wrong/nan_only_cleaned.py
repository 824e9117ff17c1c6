# fails: any_sizes: a result of nan becomes zero

import torch


def linear(x, weight, bias=None):
    product = x @ weight.T
    product = torch.where(product.isnan(), torch.zeros_like(product), product)
    return product if bias is None else product + bias
