"""Your code returns the right numbers, but no gradient reaches the weight.

A tensor in a new layer or a new `nn.Parameter` is a leaf: it has no link to what it was
computed from. `nn.Embedding.from_pretrained` also freezes its table by default, and `.data`,
`.detach()` and `torch.tensor(...)` cut the graph too. The function must return a tensor
computed from `weight`. Print the `grad_fn` of your result: it should not be None.
"""

# caught by: weight_gradient

import torch
from torch import nn


def linear_to_embedding(weight, bias=None):
    """Put the table into a frozen layer."""
    table = weight.T.clone(memory_format=torch.contiguous_format)
    if bias is not None:
        table = table + bias
    return nn.Embedding.from_pretrained(table).weight
