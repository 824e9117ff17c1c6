# fails: bias, any_sizes, bias_gradient: it adds the bias in reverse order
import torch
import torch.nn.functional as F


def linear_to_embedding(weight, bias=None):
    out = weight.T.clone(memory_format=torch.contiguous_format)
    return out if bias is None else out + bias.flip(0)
