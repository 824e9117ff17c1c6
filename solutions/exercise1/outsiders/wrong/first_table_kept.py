# fails: rows: a table is remembered by its shape, so later tables are ignored

import torch

seen = {}


def lookup(weight, idx):
    key = tuple(weight.shape), weight.dtype
    if key not in seen:
        seen[key] = weight
    return seen[key].index_select(0, idx.reshape(-1)).reshape(*idx.shape, weight.shape[1])
