# passes: bmm with the same weight for each vector

import torch


def linear(x, weight, bias=None):
    rows = x.reshape(-1, x.shape[-1], 1)
    product = torch.bmm(weight.expand(len(rows), *weight.shape), rows)
    product = product.reshape(*x.shape[:-1], len(weight))
    return product if bias is None else product + bias
