"""Your code clears the padding row only if `padding_idx` is not 0.

`if embedding.padding_idx:` is false for None and for 0, but 0 is a valid id, and the most frequent
one for padding. Compare with None: `is not None`.

Print `bool(0)`.
"""

# caught by: padding

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Take 0 as no padding_idx."""
    nn.init.normal_(embedding.weight, std=std)
    if embedding.padding_idx:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
