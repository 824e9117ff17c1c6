# passes: writes the ones by advanced indexing

import torch


def one_hot_lookup(weight, idx):
    flat = idx.reshape(-1).long()
    rows = weight.new_zeros(len(flat), len(weight))
    rows[torch.arange(len(flat), device=flat.device), flat] = 1.0
    return (rows @ weight).reshape(*idx.shape, weight.shape[1])
