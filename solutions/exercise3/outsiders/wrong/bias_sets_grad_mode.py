# fails: weight_gradient: the bias branch sets the grad mode from the bias, so a trainable bias AND torch.no_grad() gives requires_grad True
import torch
from torch import Tensor


def linear_to_embedding(weight: Tensor, bias: Tensor | None = None) -> Tensor:
    table = weight.T.clone(memory_format=torch.contiguous_format)
    if bias is None:
        return table
    with torch.set_grad_enabled(weight.requires_grad or bias.requires_grad):
        return table + bias
