# fails: product: it replaces nan and inf in the table before the product
import torch
import torch.nn.functional as F


def one_hot_lookup(weight, idx):
    hot = F.one_hot(idx.long(), len(weight)).to(weight.dtype)
    return hot @ torch.nan_to_num(weight)
