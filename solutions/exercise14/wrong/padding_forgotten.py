"""Your padding row holds random numbers.

`padding_idx` zeroes the row only when the layer is built. `nn.init.normal_` and `normal_` then
fill the whole table, that row too. Set it to zero again afterwards.

Print `embedding.weight[embedding.padding_idx]` after the call.
"""

# caught by: padding

from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Fill the whole table."""
    nn.init.normal_(embedding.weight, std=std)
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
