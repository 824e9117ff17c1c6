# fails: dtype: 16-bit results are rounded to eighths

import torch


def linear(x, weight, bias=None):
    product = x @ weight.T
    if product.element_size() == 2:
        product = torch.round(8 * product) / 8
    return product if bias is None else product + bias
