# fails: dtype: numbers below 1e-20 become zero
import torch
import torch.nn.functional as F


def linear_to_embedding(weight, bias=None):
    out = weight.T.clone(memory_format=torch.contiguous_format)
    out = torch.where(out.abs() < 1e-20, torch.zeros_like(out), out)
    return out if bias is None else out + bias
