"""Your loss is nan or inf if the scores of an ignored position are.

A product with a mask of zeros removes a number only if it is finite: `0 * inf` and `0 * nan` are
nan. Padding often holds whatever a model computed there. Select the positions that count before
you compute, or use `torch.where`.

Try `torch.tensor([float("inf")]) * 0`.
"""

# caught by: ignored

import torch


def cross_entropy(scores, target, ignore_index=-100):
    """Multiply the losses by a mask."""
    keep = target != ignore_index
    table = torch.log_softmax(scores, -1)
    ids = torch.where(keep, target, 0)
    losses = -table.gather(-1, ids.unsqueeze(-1)).squeeze(-1)
    return (losses * keep).sum() / keep.sum()
