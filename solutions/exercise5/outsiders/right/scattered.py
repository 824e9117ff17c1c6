# passes: scatters ones, then matmul

import torch


def one_hot_lookup(weight, idx):
    rows = weight.new_zeros(*idx.shape, len(weight))
    rows = rows.scatter(-1, idx.long().unsqueeze(-1), 1.0)
    return rows.matmul(weight)
