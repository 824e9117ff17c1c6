# fails: batch, bias, leading, one_vector, any_sizes, dtype, input_gradient, weight_gradient: it subtracts the mean of each vector
import torch
import torch.nn.functional as F


def linear(x, weight, bias=None):
    out = (x - x.mean(-1, keepdim=True)) @ weight.T
    return out if bias is None else out + bias
