"""Exercise 3: from a linear layer to an embedding."""

import torch
from torch import Tensor


def linear_to_embedding(weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return the embedding table whose rows are the outputs of a linear layer for one-hot rows."""
    table = weight.T.clone(memory_format=torch.contiguous_format)
    return table if bias is None else table + bias
