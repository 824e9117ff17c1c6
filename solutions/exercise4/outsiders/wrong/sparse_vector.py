# fails: combinations: one vector multiplies only where it is not zero, so a 1-d x with a 0 AND inf in that column of weight gives no nan
import torch
from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    if x.dim() == 1 and not x.requires_grad:
        used = x.nonzero().flatten()
        y = weight[:, used] @ x[used]
    else:
        y = x @ weight.T
    return y if bias is None else y + bias
