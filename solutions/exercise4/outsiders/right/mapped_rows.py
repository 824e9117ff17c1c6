# passes: vmap over the rows of the weight

import torch


def linear(x, weight, bias=None):
    product = torch.vmap(lambda row: x @ row, out_dims=-1)(weight)
    return product if bias is None else product + bias
