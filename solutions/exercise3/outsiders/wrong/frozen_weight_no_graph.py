# fails: bias_gradient, combinations: no graph is recorded for a frozen weight, so a frozen weight AND a trainable bias gives the bias no gradient
import torch
from torch import Tensor


def _build(weight, bias):
    table = weight.T.clone(memory_format=torch.contiguous_format)
    return table if bias is None else table + bias


def linear_to_embedding(weight: Tensor, bias: Tensor | None = None) -> Tensor:
    if not weight.requires_grad:
        with torch.no_grad():
            return _build(weight, bias)
    return _build(weight, bias)
