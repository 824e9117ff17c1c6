# fails: out_of_range: ids are taken modulo the number of rows

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    num = len(weight)
    return F.one_hot(idx.long() % num, num).to(weight.dtype) @ weight
