# fails: product: it looks rows up and paints nan over columns with an infinite number

import torch


def one_hot_lookup(weight, idx):
    spoiled = ~weight.isfinite().all(0)
    return torch.where(spoiled, torch.nan, weight[idx])
