# passes: F.linear with the transposed table as its weight

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    rows = F.one_hot(idx.long(), len(weight)).to(weight.dtype)
    return F.linear(rows, weight.T)
