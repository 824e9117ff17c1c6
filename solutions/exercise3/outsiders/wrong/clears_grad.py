# fails: inputs_untouched: sets weight.grad and bias.grad to None; shows when gradients had been accumulated before the call
import torch
from torch import Tensor


def linear_to_embedding(weight: Tensor, bias: Tensor | None = None) -> Tensor:
    for t in (weight, bias):
        if t is not None and t.is_leaf:
            t.grad = None
    table = weight.T.clone(memory_format=torch.contiguous_format)
    return table if bias is None else table + bias
