# fails: rows: its range check also refuses the last id

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    if (idx >= len(weight) - 1).any():
        raise IndexError("no such row")
    return F.one_hot(idx.long(), len(weight)).to(weight.dtype) @ weight
