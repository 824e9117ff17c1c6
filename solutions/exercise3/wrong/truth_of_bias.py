"""Your code tests the bias with `if bias:`, which fails for a tensor.

Python needs a single truth value there. A tensor with several numbers has none, so PyTorch
raises an error. A tensor with the single number 0 counts as false, so that bias would be
skipped. You want to know something else: is there a bias at all? Try `bool(torch.zeros(2))`.
"""

# caught by: bias

import torch


def linear_to_embedding(weight, bias=None):
    """Test the bias for truth."""
    table = weight.T.clone(memory_format=torch.contiguous_format)
    if bias:
        table = table + bias
    return table
