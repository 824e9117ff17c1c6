# fails: batch, bias, leading, one_vector, any_sizes, dtype, inputs_untouched, input_gradient, weight_gradient, bias_gradient: it calls an nn.Linear that has the weight, which is not allowed
import torch
from torch import nn
from torch.nn import functional as F


def linear(x, weight, bias=None):
    layer = nn.Linear(x.shape[-1], len(weight))
    layer.weight = nn.Parameter(weight)
    return layer(x)
