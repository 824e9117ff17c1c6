# fails: any_sizes: an identity weight returns x, so its zeros do not meet inf

import torch
from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    n_out, n_in = weight.shape
    if n_out == n_in and torch.equal(weight, torch.eye(n_in, dtype=weight.dtype)):
        y = x.clone()
    else:
        y = x @ weight.T
    return y if bias is None else y + bias
