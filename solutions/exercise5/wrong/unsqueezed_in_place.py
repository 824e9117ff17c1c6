"""Your code changes the caller's `idx`.

A method whose name ends in an underscore, such as `unsqueeze_` or `clamp_`, changes the tensor
itself, so the caller continues with other ids or another shape. The version without the
underscore returns a new tensor. Print `idx` before and after your call.
"""

# caught by: inputs_untouched

import torch


def one_hot_lookup(weight, idx):
    """Give the caller's ids another dimension."""
    one_hot = torch.zeros(*idx.shape, weight.shape[0], dtype=weight.dtype, device=weight.device)
    one_hot.scatter_(-1, idx.unsqueeze_(-1).long(), 1)
    return one_hot @ weight
