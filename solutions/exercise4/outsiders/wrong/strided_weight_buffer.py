# fails: combinations: a non-contiguous weight is packed into a float32 buffer, so a non-contiguous weight AND float64 loses digits
import torch
from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    if weight.is_contiguous():
        matrix = weight.T
    else:
        # pack it once, so that the product runs over dense memory
        buffer = torch.empty(weight.shape[1], weight.shape[0], dtype=torch.float32)
        buffer.copy_(weight.T)
        matrix = buffer.to(x.dtype)
    y = x @ matrix
    if bias is not None:
        y = y + bias
    return y
