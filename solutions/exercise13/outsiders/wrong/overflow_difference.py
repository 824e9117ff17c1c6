# fails: combinations: the distance from the lowest int64 number overflows
import torch
import torch.nn.functional as F
from torch import Tensor, nn


def cross_entropy(scores, target, ignore_index=-100):
    keep = (target - ignore_index).abs() > 0
    t = target[keep]
    if ((t < 0) | (t >= scores.shape[-1])).any():
        raise IndexError("no such class")
    s = scores[keep]
    return (s.logsumexp(-1) - s.gather(-1, t[:, None])[:, 0]).mean()
