# fails: any_sizes: a vector with nan or infinity gives zeros

import torch


def linear(x, weight, bias=None):
    ok = x.isfinite().all(-1, keepdim=True)
    product = torch.where(ok, x, torch.zeros_like(x)) @ weight.T
    return product if bias is None else product + bias
