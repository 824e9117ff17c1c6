"""Your numbers have the right standard deviation, but they are spread evenly over an interval.

`nn.init.uniform_` and `torch.rand` draw such numbers. The statement asks for normal ones, which
`nn.init.normal_` and `torch.randn` draw.

Print the largest number divided by `std`: of many normal numbers it is above 3, of yours 1.73.
"""

# caught by: normal

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Draw uniform numbers."""
    nn.init.uniform_(embedding.weight, -std * 3**0.5, std * 3**0.5)
    if embedding.padding_idx is not None:
        with torch.no_grad():
            embedding.weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
