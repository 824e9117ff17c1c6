# fails: rows: a softmax of large scores stands for the one-hot rows

import torch
from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    scores = 8.0 * F.one_hot(idx.long(), len(weight)).to(weight.dtype)
    return scores.softmax(-1) @ weight
