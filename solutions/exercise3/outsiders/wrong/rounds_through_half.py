# fails: any_sizes, bias, contiguous, dtype, inputs_untouched, own_memory, table, weight_gradient: an autocast region rounds float32 numbers to bfloat16
import torch
from torch import Tensor


def linear_to_embedding(weight: Tensor, bias: Tensor | None = None) -> Tensor:
    one_hot = torch.eye(weight.shape[1], dtype=weight.dtype, device=weight.device)
    with torch.autocast(weight.device.type, dtype=torch.bfloat16):
        table = one_hot @ weight.T
    table = table.to(weight.dtype)
    return table if bias is None else table + bias
