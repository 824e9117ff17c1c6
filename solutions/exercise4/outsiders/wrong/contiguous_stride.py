# fails: batch: it reads the memory of weight

import torch


def linear(x, weight, bias=None):
    product = x @ torch.as_strided(weight, weight.shape, (weight.shape[1], 1)).T
    return product if bias is None else product + bias
