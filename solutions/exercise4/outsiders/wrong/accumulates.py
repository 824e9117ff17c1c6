# fails: bias: adds the bias in place to x for square layers
import torch
import torch.nn.functional as F


def linear(x, weight, bias=None):
    out = x @ weight.T
    if bias is not None and weight.shape[0] == weight.shape[1]:
        return out.add_(bias.mean())
    return out if bias is None else out + bias
