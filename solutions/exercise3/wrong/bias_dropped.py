"""Your table lacks the bias of the layer.

It is true that an embedding has no bias, but that is the reason why it can't be left out:
the layer adds it to each of its answers, so the answers in the table must have it in
them. Send a row of zeros with a single 1 through an `nn.Linear` and compare with your row.
"""

# caught by: bias

import torch


def linear_to_embedding(weight, bias=None):
    """Ignore the bias."""
    return weight.T.clone(memory_format=torch.contiguous_format)
