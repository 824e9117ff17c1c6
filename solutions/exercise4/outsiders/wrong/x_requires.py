# fails: inputs_untouched: it sets requires_grad on the caller's x
import torch
import torch.nn.functional as F


def linear(x, weight, bias=None):
    x.requires_grad_(True)
    out = x @ weight.T
    return out if bias is None else out + bias
