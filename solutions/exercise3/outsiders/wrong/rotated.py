# fails: table: rot90 turns the weight and reverses an axis

import torch


def linear_to_embedding(weight, bias=None):
    table = torch.rot90(weight).clone(memory_format=torch.contiguous_format)
    return table if bias is None else table + bias
