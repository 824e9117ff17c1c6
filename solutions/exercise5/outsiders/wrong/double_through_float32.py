# fails: dtype: float64 numbers pass through float32 and lose digits

from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    rows = F.one_hot(idx.long(), len(weight)).float()
    return (rows @ weight.float()).to(weight.dtype)
