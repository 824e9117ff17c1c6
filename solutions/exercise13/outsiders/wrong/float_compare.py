# fails: out_of_range: ids are compared as float64, so a neighbor of a huge ignore_index is ignored, too
import torch
import torch.nn.functional as F
from torch import Tensor, nn


def cross_entropy(scores, target, ignore_index=-100):
    keep = ~torch.isclose(
        target.double(), torch.tensor(float(ignore_index), dtype=torch.float64), rtol=0, atol=0.5
    )
    t = target[keep]
    if ((t < 0) | (t >= scores.shape[-1])).any():
        raise IndexError("no such class")
    return -scores[keep].log_softmax(-1).gather(-1, t[:, None]).mean()
