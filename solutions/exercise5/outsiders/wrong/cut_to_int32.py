# fails: out_of_range: a huge id becomes a valid one when it is converted to int32

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    return F.one_hot(idx.int().long(), len(weight)).to(weight.dtype) @ weight
