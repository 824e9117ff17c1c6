# fails: own_memory: sizes of 1 are cloned, but not a weight whose transpose is contiguous: a transposed weight AND no bias shares memory
import torch
from torch import Tensor


def linear_to_embedding(weight: Tensor, bias: Tensor | None = None) -> Tensor:
    dim, num = weight.shape
    table = weight.T
    if num == 1 or dim == 1:
        table = table.clone(memory_format=torch.contiguous_format)
    else:
        table = table.contiguous()
    if bias is not None:
        table = table + bias
    return table
