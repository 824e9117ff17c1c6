# fails: combinations: one input is an outer product that returns before the bias is added: in 1 AND a bias
import torch
from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    if weight.shape[1] == 1:
        return x * weight[:, 0]
    y = x @ weight.T
    if bias is not None:
        y = y + bias
    return y
