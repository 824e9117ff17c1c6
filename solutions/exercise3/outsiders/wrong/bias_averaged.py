# fails: bias, bias_gradient: the mean of the bias is added to all numbers

import torch


def linear_to_embedding(weight, bias=None):
    table = weight.T.clone(memory_format=torch.contiguous_format)
    return table if bias is None else table + bias.mean().expand(table.shape[1])
