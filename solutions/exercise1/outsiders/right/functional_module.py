# passes: a module without numbers of its own, called with the table as its state

import torch
from torch import nn


class Rows(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(shape, device="meta"))

    def forward(self, idx):
        return self.table[idx]


def lookup(weight, idx):
    return torch.func.functional_call(Rows(weight.shape), {"table": weight}, idx)
