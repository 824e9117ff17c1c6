# fails: product: where drops the other rows before the sum

import torch
from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    rows = F.one_hot(idx.long(), len(weight)).bool()
    return torch.where(rows[..., None], weight, 0).sum(-2)
