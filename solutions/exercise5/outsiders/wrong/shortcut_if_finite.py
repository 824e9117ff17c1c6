# fails: product: a finite table is looked up without a product, so -0.0 stays -0.0
"""Exercise 5."""

import torch
import torch.nn.functional as F


def one_hot_lookup(weight, idx):
    if weight.isfinite().all():
        return weight[idx]
    hot = F.one_hot(idx.long(), weight.shape[0]).to(weight.dtype)
    return hot @ weight
