# fails: rows: random numbers are added to the one-hot rows

import torch
from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    rows = F.one_hot(idx.long(), len(weight)).to(weight.dtype)
    return (rows + 1e-4 * torch.rand_like(rows)) @ weight
