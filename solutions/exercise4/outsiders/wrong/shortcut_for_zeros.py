# fails: any_sizes: zeros in x give zeros at once, also for an infinite weight

import torch


def linear(x, weight, bias=None):
    if x.numel() and not x.any():
        y = torch.zeros((*x.shape[:-1], weight.shape[0]), dtype=x.dtype)
    else:
        y = x @ weight.T
    return y if bias is None else y + bias
