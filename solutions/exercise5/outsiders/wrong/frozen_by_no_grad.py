# fails: gradient: no_grad covers the product too

import torch
from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    with torch.no_grad():
        rows = F.one_hot(idx.long(), len(weight)).to(weight.dtype)
        return rows @ weight
