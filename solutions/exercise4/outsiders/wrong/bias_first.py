# fails: bias: it adds the bias to x if the sizes are equal
import torch
import torch.nn.functional as F


def linear(x, weight, bias=None):
    if bias is not None and bias.shape[0] == x.shape[-1]:
        return (x + bias) @ weight.T
    out = x @ weight.T
    return out if bias is None else out + bias
