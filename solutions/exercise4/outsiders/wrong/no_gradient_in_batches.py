# fails: input_gradient, weight_gradient: inputs of three dimensions are computed without a graph

import torch


def linear(x, weight, bias=None):
    if x.dim() > 2:
        with torch.no_grad():
            product = x @ weight.T
    else:
        product = x @ weight.T
    return product if bias is None else product + bias
