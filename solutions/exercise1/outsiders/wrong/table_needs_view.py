# fails: rows, inputs_untouched: view raises for a table that is not contiguous

import torch


def lookup(weight, idx):
    num, dim = weight.shape
    if idx.numel() and idx.max() >= num:
        raise IndexError("no such row")
    places = idx.unsqueeze(-1) * dim + torch.arange(dim, device=idx.device)
    return weight.view(-1)[places]
