"""Your code adds the bias to the layer's own weight.

For a tensor, `weight += ...` writes into the caller's tensor; `weight = weight + ...` makes a
new one. A second conversion of the same layer would add the bias twice, and a leaf tensor that
requires a gradient refuses the in-place change with an error. Print `weight` before and after
your call.
"""

# caught by: inputs_untouched

import torch


def linear_to_embedding(weight, bias=None):
    """Add the bias to the caller's weight."""
    if bias is not None:
        weight += bias.unsqueeze(1)
    return weight.T.clone(memory_format=torch.contiguous_format)
