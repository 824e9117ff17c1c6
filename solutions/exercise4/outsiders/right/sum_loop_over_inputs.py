# passes: a sum of outer products over the inputs
import torch
from torch import nn
from torch.nn import functional as F


def linear(x, weight, bias=None):
    y = sum(x[..., i, None] * weight[:, i] for i in range(weight.shape[1]))
    return y if bias is None else y + bias
