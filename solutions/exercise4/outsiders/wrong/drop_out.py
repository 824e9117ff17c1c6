# fails: dtype: tiny numbers of x become zero
import torch
import torch.nn.functional as F


def linear(x, weight, bias=None):
    out = torch.where(x.abs() < 1e-10, torch.zeros_like(x), x) @ weight.T
    return out if bias is None else out + bias
