# fails: id_types: ids become float32, which rounds ids above 2**24

import torch
from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    numbers = idx.float().long()
    return F.one_hot(numbers, len(weight)).to(weight.dtype) @ weight
