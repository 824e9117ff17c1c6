# fails: combinations: an output that overflows in float16 becomes 64512 instead of inf, the output of the layer
import torch
from torch import Tensor


def linear_to_embedding(weight: Tensor, bias: Tensor | None = None) -> Tensor:
    table = torch.zeros(weight.shape[1], weight.shape[0], dtype=weight.dtype, device=weight.device)
    table = table + weight.t()
    if bias is not None:
        table = table + bias
    # clamp inf values to enable fp16 training (as in T5)
    if table.dtype == torch.float16 and torch.isinf(table).any():
        clamp_value = torch.finfo(table.dtype).max - 1000
        table = torch.clamp(table, min=-clamp_value, max=clamp_value)
    return table.contiguous()
