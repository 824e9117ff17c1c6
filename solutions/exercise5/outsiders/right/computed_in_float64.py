# passes: a product in float64, converted back

import torch
from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    rows = F.one_hot(idx.long(), len(weight)).to(torch.float64)
    return torch.matmul(rows, weight.to(torch.float64)).to(weight.dtype)
