"""Your code adds the bias to the layer's own weight, and the layer is wrong from then on.

`weight += ...` is no short form of `weight = weight + ...` for a tensor: it writes into the
tensor that the caller handed over. A second conversion of the same layer adds the bias
twice, and a weight that is being trained refuses the change with an error.
"""

# caught by: inputs_untouched

import torch


def linear_to_embedding(weight, bias=None):
    """Add the bias to the caller's weight."""
    if bias is not None:
        weight += bias.unsqueeze(1)
    return weight.T.clone(memory_format=torch.contiguous_format)
