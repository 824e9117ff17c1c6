# fails: rows, product: it takes the largest number of each column after the multiplication

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    rows = F.one_hot(idx.long(), len(weight)).to(weight.dtype)
    return (rows[..., None] * weight).amax(-2)
