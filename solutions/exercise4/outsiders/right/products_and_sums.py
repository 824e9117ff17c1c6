# passes: sum
import torch
from torch import nn
from torch.nn import functional as F


def linear(x, weight, bias=None):
    y = (x.unsqueeze(-2) * weight).sum(-1)
    return y if bias is None else y + bias
