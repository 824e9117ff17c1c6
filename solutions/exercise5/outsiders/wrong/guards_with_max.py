# fails: empty: max raises for an empty idx

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    if idx.max() >= len(weight):
        raise IndexError("no such row")
    return F.one_hot(idx.long(), len(weight)).to(weight.dtype) @ weight
