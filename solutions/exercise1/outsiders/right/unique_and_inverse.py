# passes: looks each different id up once and repeats the rows

import torch


def lookup(weight, idx):
    different, places = torch.unique(idx, return_inverse=True)
    return weight[different][places]
