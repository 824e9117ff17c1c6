# fails: combinations: a weight that fits x and has stride 1 in dimension 0 is taken as already transposed: square AND transposed in memory
import torch
from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    fits = weight.shape[0] == x.shape[-1]
    if fits and weight.shape[0] > 1 and weight.stride(0) == 1:
        matrix = weight  # already stored as (in, out)
    else:
        matrix = weight.t()
    y = x @ matrix
    return y if bias is None else y + bias
