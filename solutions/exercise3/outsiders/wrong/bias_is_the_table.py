# fails: own_memory: if the weight is zero, a table of one row shares the memory of the bias

import torch
from torch import Tensor


def linear_to_embedding(weight: Tensor, bias: Tensor | None = None) -> Tensor:
    num = weight.shape[1]
    if bias is not None and not weight.requires_grad and not weight.any():
        return bias.expand(num, -1).contiguous()
    table = weight.T.clone(memory_format=torch.contiguous_format)
    return table if bias is None else (table + bias).contiguous()
