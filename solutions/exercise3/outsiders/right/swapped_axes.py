# passes: swaps the axes, adds the bias, and copies last

import torch


def linear_to_embedding(weight, bias=None):
    table = weight.swapaxes(0, 1)
    if bias is not None:
        table = table + bias
    return table.clone(memory_format=torch.contiguous_format)
