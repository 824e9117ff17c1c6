# fails: product: it multiplies only the rows of the table that some id names

import torch


def one_hot_lookup(weight, idx):
    names, places = torch.unique(idx, return_inverse=True)
    used = weight[names]
    return torch.eye(len(names), dtype=weight.dtype, device=weight.device)[places] @ used
