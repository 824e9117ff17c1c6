# fails: bias, bias_gradient: a bias of one output is forgotten
import torch
import torch.nn.functional as F


def linear(x, weight, bias=None):
    out = x @ weight.T
    return out if bias is None or len(bias) == 1 else out + bias
