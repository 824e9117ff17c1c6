# fails: gradient: the one-hot rows require a gradient, so the result does under no_grad as well

import torch
from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    rows = F.one_hot(idx.long(), len(weight)).to(weight.dtype).requires_grad_()
    with torch.enable_grad():
        return rows @ weight
