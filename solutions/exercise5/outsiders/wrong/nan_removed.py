# fails: product: nan_to_num removes what the product does with infinity

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    rows = F.one_hot(idx.long(), len(weight)).to(weight.dtype)
    return (rows @ weight).nan_to_num(nan=0.0)
