# fails: inputs_untouched: switches gradients on, so under torch.no_grad() the result still has a graph
import torch
from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    with torch.enable_grad():
        y = torch.einsum("...i,oi->...o", x, weight)
        if bias is not None:
            y = y + bias
    return y
