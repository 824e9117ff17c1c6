# passes: weight on the left
import torch
from torch import nn
from torch.nn import functional as F


def linear(x, weight, bias=None):
    y = (weight @ x.unsqueeze(-1)).squeeze(-1)
    return y if bias is None else y + bias
