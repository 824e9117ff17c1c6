# fails: dtype: the outputs are written into a float32 buffer

import torch


def linear(x, weight, bias=None):
    product = torch.empty(*x.shape[:-1], len(weight))
    for output, row in enumerate(weight):
        product[..., output] = x @ row
    return product if bias is None else product + bias
