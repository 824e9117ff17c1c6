# fails: gradient: set_grad_enabled changes the mode of the caller

import torch


def lookup(weight, idx):
    torch.set_grad_enabled(True)
    return weight[idx].clone()
