# fails: id_types: ids become float32, which rounds ids above 2**24

import torch


def lookup(weight, idx):
    numbers = idx.to(torch.float32)
    return weight[numbers.long()]
