# fails: inputs_untouched: it seeds the global generator of random numbers

import torch


def lookup(weight, idx):
    torch.manual_seed(0)
    return weight[idx]
