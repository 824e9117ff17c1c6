"""Your code returns the right table, but no gradient reaches the bias.

The bias is a parameter of the layer, like the weight. `.data`, `.detach()`, `.tolist()` and
`torch.no_grad()` use its numbers without the graph. Perhaps you wanted to avoid an error from
an in-place addition: an ordinary addition raises no such error, and the bias gets the sum of
the gradients of all rows. Call `.sum().backward()` on your result and print `bias.grad`.
"""

# caught by: bias_gradient

import torch


def linear_to_embedding(weight, bias=None):
    """Detach the bias."""
    table = weight.T.clone(memory_format=torch.contiguous_format)
    if bias is not None:
        table += bias.data
    return table
