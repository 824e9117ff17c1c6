# fails: rows: nan_to_num replaces infinity in the selected rows

import torch


def lookup(weight, idx):
    return torch.nan_to_num(weight[idx])
