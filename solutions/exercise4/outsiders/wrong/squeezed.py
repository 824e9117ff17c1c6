# fails: any_sizes: sizes of one disappear from the result

import torch


def linear(x, weight, bias=None):
    product = torch.squeeze(x @ weight.T)
    return product if bias is None else product + bias
