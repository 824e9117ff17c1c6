# fails: bias_gradient: a bias of zeros is skipped, so it gets no gradient and stays zero

import torch


def linear(x, weight, bias=None):
    product = x @ weight.T

    if bias is None or torch.count_nonzero(bias) == 0:
        return product
    return product + bias
