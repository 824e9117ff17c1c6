# fails: leading: it swaps leading dimensions
import torch
import torch.nn.functional as F


def linear(x, weight, bias=None):
    out = x @ weight.T
    out = out if bias is None else out + bias
    return out.transpose(0, 1).contiguous() if out.dim() == 4 else out
