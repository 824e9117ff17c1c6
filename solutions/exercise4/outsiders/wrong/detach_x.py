# fails: input_gradient: a single vector x gets no gradient
import torch
import torch.nn.functional as F


def linear(x, weight, bias=None):
    out = (x.detach() if x.dim() == 1 else x) @ weight.T
    return out if bias is None else out + bias
