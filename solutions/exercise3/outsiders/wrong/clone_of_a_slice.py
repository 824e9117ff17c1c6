# fails: contiguous: without a bias, every second column of a larger weight gives a table that is not contiguous, because clone keeps the order of its strides
import torch
from torch import Tensor


def linear_to_embedding(weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return the embedding table whose rows are the outputs of a linear layer for one-hot rows."""
    if bias is not None:
        return (weight.T + bias).clone(memory_format=torch.contiguous_format)
    if weight.is_contiguous() and min(weight.shape) > 1:
        return weight.T.contiguous()
    # the transpose of weight may be contiguous already; clone always copies
    return weight.T.clone()
