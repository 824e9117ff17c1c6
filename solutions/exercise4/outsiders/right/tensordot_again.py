# passes: tensordot over the last dimensions
import torch
import torch.nn.functional as F


def linear(x, weight, bias=None):
    out = torch.tensordot(x, weight, dims=([-1], [1]))
    return out if bias is None else out + bias
