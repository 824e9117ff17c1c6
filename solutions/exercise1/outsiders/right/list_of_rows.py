# passes: a Python list of rows, stacked

import torch


def lookup(weight, idx):
    table = weight.unbind()
    chosen = [table[number] for number in idx.reshape(-1).tolist()]
    if not chosen:
        return weight.new_empty(*idx.shape, weight.shape[1])
    return torch.stack(chosen).reshape(*idx.shape, weight.shape[1])
