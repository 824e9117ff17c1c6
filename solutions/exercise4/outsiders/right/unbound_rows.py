# passes: one dot product per output
import torch
import torch.nn.functional as F


def linear(x, weight, bias=None):
    out = torch.stack([(x * row).sum(-1) for row in weight], -1)
    return out if bias is None else out + bias
