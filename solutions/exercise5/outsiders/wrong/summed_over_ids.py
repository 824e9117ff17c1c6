# fails: rows: einsum adds up the rows of all ids

import torch
from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    rows = F.one_hot(idx.long(), len(weight)).to(weight.dtype)
    return torch.einsum("...n,nd->d", rows, weight)
