# fails: batch, bias, leading: calls the forbidden bilinear layer with a second input of ones
import torch
from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    ones = x.new_ones(*x.shape[:-1], 1)
    return torch.bilinear(x, ones, weight.unsqueeze(-1), bias)
