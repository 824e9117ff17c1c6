# fails: rows: a product lets infinity in other rows spoil the result

from torch.nn import functional as F


def lookup(weight, idx):
    return F.one_hot(idx.long(), len(weight)).to(weight.dtype) @ weight
