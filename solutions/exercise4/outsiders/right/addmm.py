# passes: addmm
import torch
from torch import nn
from torch.nn import functional as F


def linear(x, weight, bias=None):
    rows = x.reshape(-1, weight.shape[1])
    y = rows @ weight.T if bias is None else torch.addmm(bias, rows, weight.T)
    return y.reshape(*x.shape[:-1], weight.shape[0])
