# passes: an einsum of one-hot rows and table

import torch
from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    rows = F.one_hot(idx.long(), len(weight)).type_as(weight)
    return torch.einsum("...n,nd->...d", rows, weight)
