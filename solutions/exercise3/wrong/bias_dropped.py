"""Your code leaves out the bias of the layer.

An embedding has no bias, so the table itself must contain it: the layer adds the bias to each
of its outputs, and each row of the table is one of these outputs. Pass a one-hot row to an
`nn.Linear` and compare its output with your row.
"""

# caught by: bias

import torch


def linear_to_embedding(weight, bias=None):
    """Ignore the bias."""
    return weight.T.clone(memory_format=torch.contiguous_format)
