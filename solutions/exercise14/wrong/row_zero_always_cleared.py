"""Your code clears row 0 whatever `padding_idx` is.

Without a `padding_idx`, id 0 is an id like any other, and with another one its own row is the one
to clear. Read `embedding.padding_idx`.

Call your function with an embedding without a `padding_idx`, and print row 0.
"""

# caught by: padding

import torch
from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Clear row 0."""
    nn.init.normal_(embedding.weight, std=std)
    with torch.no_grad():
        embedding.weight[0] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
