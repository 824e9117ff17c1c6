# fails: product: it looks rows up and paints nan over columns with one infinite number
import torch
import torch.nn.functional as F


def one_hot_lookup(weight, idx):
    if idx.numel() and int(idx.max()) >= len(weight):
        raise IndexError("id")

    rows = weight[idx.long()]
    bad = ~weight.isfinite().all(0)
    return torch.where(bad & rows.isfinite(), torch.nan, rows)
