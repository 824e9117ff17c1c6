# fails: one_vector, bias_gradient: a single vector gets no bias
import torch
import torch.nn.functional as F


def linear(x, weight, bias=None):
    if x.dim() == 1:
        return weight @ x
    out = x @ weight.T
    return out if bias is None else out + bias
