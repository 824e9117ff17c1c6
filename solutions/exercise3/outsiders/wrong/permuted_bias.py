# fails: bias, any_sizes, bias_gradient: reverses the bias
import torch
import torch.nn.functional as F


def linear_to_embedding(weight, bias=None):
    out = weight.T.clone(memory_format=torch.contiguous_format)
    return out if bias is None else out + bias.flip(0)
