"""Your code writes into the weight while autograd records, which PyTorch refuses.

A Parameter is a leaf that requires a gradient, and such a tensor can't be changed in place outside
`torch.no_grad()`. The functions of `nn.init` contain that; your own assignment to a row needs it.

Read the error: it names a leaf variable.
"""

# caught by: same_parameter

from torch import nn


def init_tied(embedding, projection, std=0.02):
    """Clear the row outside no_grad."""
    nn.init.normal_(embedding.weight, std=std)
    if embedding.padding_idx is not None:
        embedding.weight[embedding.padding_idx] = 0
    if projection.bias is not None:
        nn.init.zeros_(projection.bias)
    projection.weight = embedding.weight
