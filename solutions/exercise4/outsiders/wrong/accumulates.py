# fails: bias: a square weight gets the mean of the bias
import torch
import torch.nn.functional as F


def linear(x, weight, bias=None):
    out = x @ weight.T
    if bias is not None and weight.shape[0] == weight.shape[1]:
        return out.add_(bias.mean())
    return out if bias is None else out + bias
