# fails: leading, combinations: with a bias, x is flattened with as_strided for addmm, so a bias AND a non-contiguous x reads other numbers
import torch
from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    if bias is None:
        return x @ weight.T
    outs, ins = weight.shape
    rows = x.numel() // ins
    flat = x.as_strided((rows, ins), (ins, 1))
    y = torch.addmm(bias, flat, weight.T)
    return y.reshape(x.shape[:-1] + (outs,))
