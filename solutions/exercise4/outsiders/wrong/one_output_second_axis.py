# fails: leading, bias_gradient, combinations: for one output the new dimension is inserted at position 1: out 1 AND x with 3 dimensions gives a wrong shape
import torch
from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    if weight.shape[0] == 1 and x.dim() > 1:
        # a matrix-vector product, then back to one column
        y = (x @ weight[0])[:, None]
    else:
        y = x @ weight.T
    if bias is not None:
        y = y + bias
    return y
