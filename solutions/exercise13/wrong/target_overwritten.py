"""Your code changes the caller's target.

`target[mask] = 0` writes into the tensor that the caller passed. In the next epoch the ignored
positions are gone: they have become class 0. `torch.where` or `masked_fill` without an underscore
returns a new tensor.

Print `target` before and after the call.
"""

# caught by: inputs_untouched

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Replace the ignored ids in place."""
    keep = target != ignore_index
    target[~keep] = 0
    table = torch.log_softmax(scores.masked_fill(~keep.unsqueeze(-1), 0), -1)
    losses = -table.gather(-1, target.unsqueeze(-1)).squeeze(-1)
    return torch.where(keep, losses, 0).sum() / keep.sum()
