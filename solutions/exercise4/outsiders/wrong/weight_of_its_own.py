# fails: batch: a new random weight replaces the given one

import torch


def linear(x, weight, bias=None):
    own = torch.nn.init.xavier_normal_(torch.empty_like(weight))
    product = x @ own.T
    return product if bias is None else product + bias
