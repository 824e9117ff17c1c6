# fails: dtype: tiny inputs become zero

import torch


def linear(x, weight, bias=None):
    product = torch.where(x.abs() < 1e-12, torch.zeros_like(x), x) @ weight.T
    return product if bias is None else product + bias
