# passes: vmap over a list of ids

import torch


def lookup(weight, idx):
    flat = idx.reshape(-1).long()
    if not len(flat):
        return weight.new_zeros(*idx.shape, weight.shape[1])
    if flat.max() >= len(weight):
        raise IndexError("an id is too large")
    rows = torch.vmap(lambda number: weight.index_select(0, number.reshape(1))[0])(flat)
    return rows.reshape(*idx.shape, weight.shape[1])
