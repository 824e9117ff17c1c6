# fails: bias, any_sizes, bias_gradient: it adds the sum of the bias to every number
import torch
import torch.nn.functional as F


def linear_to_embedding(weight, bias=None):
    out = weight.T.clone(memory_format=torch.contiguous_format)
    return out if bias is None else out + bias.sum()
