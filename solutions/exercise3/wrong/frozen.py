"""Your table has the right numbers, but no gradient finds the way back to the weight.

A tensor put into a new layer or a new Parameter starts afresh: it is a leaf, and what came
before it is forgotten. `nn.Embedding.from_pretrained` moreover freezes its table unless told
not to, and `.data`, `.detach()` and `torch.tensor(...)` cut the graph just the same. Compute
the table from `weight` with tensor operations and return it as it is.
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
