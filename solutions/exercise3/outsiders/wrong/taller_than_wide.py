# fails: any_sizes: it decides by size which axis is num

import torch


def linear_to_embedding(weight, bias=None):
    table = weight if weight.shape[0] > weight.shape[1] else weight.T
    table = table.clone(memory_format=torch.contiguous_format)
    return table if bias is None else table + bias
