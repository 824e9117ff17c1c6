"""Your numbers are spread evenly between `-std` and `std`.

That is another distribution, and its standard deviation is only `std` divided by the root of 3.
Normal numbers have no bound: about a third of them lie further from 0 than `std`.

Print `embedding.weight.std()` and the largest number after the call.
"""

# caught by: std

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Draw uniform numbers up to std."""
    nn.init.uniform_(embedding.weight, -std, std)
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
