# fails: rows: bmm works for ids of two dimensions only

import torch
from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    rows = F.one_hot(idx.long(), len(weight)).to(weight.dtype)
    return torch.bmm(rows, weight.expand(len(rows), -1, -1))
