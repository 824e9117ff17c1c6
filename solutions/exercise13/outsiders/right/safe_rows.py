# passes: ignored positions are replaced by zeros and then left out of the sum
import torch


def cross_entropy(scores, target, ignore_index=-100):
    keep = target != ignore_index
    ids = target.masked_fill(~keep, 0)
    rows = scores.masked_fill(~keep.unsqueeze(-1), 0.0)
    losses = -rows.log_softmax(-1).gather(-1, ids.unsqueeze(-1)).squeeze(-1)
    return losses.masked_fill(~keep, 0.0).sum() / keep.sum()
