# fails: bias_gradient: skips a bias of zeros
import torch
import torch.nn.functional as F


def linear(x, weight, bias=None):
    out = x @ weight.T
    return out + bias if bias is not None and bool(bias.any()) else out
