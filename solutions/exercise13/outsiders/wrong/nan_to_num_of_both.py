# fails: ignored: makes infinities finite, but their difference is infinite

import torch


def cross_entropy(scores, target, ignore_index=-100):
    keep = target != ignore_index
    clean = torch.nan_to_num(scores)
    ids = torch.where(keep, target, 0)
    losses = -clean.log_softmax(-1).gather(-1, ids.unsqueeze(-1)).squeeze(-1)
    return (losses * keep).sum() / keep.sum()
