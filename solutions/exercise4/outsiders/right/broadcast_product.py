# passes: all products at once, then a sum

import torch


def linear(x, weight, bias=None):
    product = torch.mul(x.unsqueeze(-2), weight).sum(dim=-1)
    return product if bias is None else product + bias
