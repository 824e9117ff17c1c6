# fails: inputs_untouched: it doubles the caller's table and halves the rows

import torch


def lookup(weight, idx):
    with torch.no_grad():
        weight.mul_(2)
    rows = weight[idx] / 2
    return rows
