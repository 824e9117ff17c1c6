# fails: own_memory, combinations: a contiguous weight goes through .contiguous(), which does not copy for num 1: num 1 AND no bias shares memory
import torch
from torch import Tensor


def linear_to_embedding(weight: Tensor, bias: Tensor | None = None) -> Tensor:
    if weight.is_contiguous():
        table = weight.t().contiguous()
    else:
        table = weight.t().clone(memory_format=torch.contiguous_format)
    return table if bias is None else table + bias
