# fails: inputs_untouched: changes the matmul precision of torch and does not restore it
import torch
from torch import Tensor


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    torch.set_float32_matmul_precision("medium")
    out = torch.tensordot(x, weight, dims=([-1], [1]))
    return out if bias is None else out + bias
