# fails: bias_gradient: zeros in the bias get no gradient

import torch


def linear(x, weight, bias=None):
    product = x @ weight.T
    if bias is None:
        return product
    return product + torch.where(bias == 0, torch.zeros_like(bias), bias)
