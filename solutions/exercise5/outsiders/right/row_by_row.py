# passes: adds the rows of the table one after another, each times its column

import torch
from torch.nn import functional as F


def one_hot_lookup(weight, idx):
    rows = F.one_hot(idx.long(), len(weight)).to(weight.dtype)
    result = weight.new_zeros(*idx.shape, weight.shape[1])
    for number in range(len(weight)):
        result = result + rows[..., number, None] * weight[number]
    return result
