"""Your table learns through the weight, but the bias gets no gradient.

The bias is a parameter of the layer as much as the weight is. `.data`, `.detach()`, `.tolist()` or
`torch.no_grad()` take its numbers and leave the graph behind, perhaps to get around an
error with an in-place addition. An ordinary addition has no such trouble, and the bias then
gets the gradients of all rows.
"""

# caught by: bias_gradient

import torch


def linear_to_embedding(weight, bias=None):
    """Take the bias out of the graph."""
    table = weight.T.clone(memory_format=torch.contiguous_format)
    if bias is not None:
        table += bias.data
    return table
