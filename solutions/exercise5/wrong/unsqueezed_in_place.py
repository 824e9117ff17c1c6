"""Your code changes the caller's `idx` to make it fit.

`idx.clamp_()`, `idx.unsqueeze_()` and every other method with an underscore at its end work on
the very tensor that was handed over. The caller goes on with other ids or another shape than it
had. The twin without the underscore returns a new tensor.
"""

# caught by: inputs_untouched

import torch


def one_hot_lookup(weight, idx):
    """Give the caller's ids another dimension."""
    one_hot = torch.zeros(*idx.shape, weight.shape[0], dtype=weight.dtype, device=weight.device)
    one_hot.scatter_(-1, idx.unsqueeze_(-1).long(), 1)
    return one_hot @ weight
