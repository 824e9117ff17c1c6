# fails: product: it looks rows up, and only positive infinity makes a column nan
import torch
import torch.nn.functional as F


def one_hot_lookup(weight, idx):
    if idx.numel() and int(idx.max()) >= len(weight):
        raise IndexError("id")
    rows = weight[idx.long()]
    bad = (weight == float("inf")).any(0) | weight.isnan().any(0)
    return torch.where(bad & ~(rows == float("inf")), torch.nan, rows)
