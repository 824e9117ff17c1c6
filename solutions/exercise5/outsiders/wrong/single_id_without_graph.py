# fails: combinations: a 0-d id takes another path that loses the gradient

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    table = weight.data if idx.dim() == 0 else weight
    return F.one_hot(idx.long(), len(weight)).to(weight.dtype) @ table
