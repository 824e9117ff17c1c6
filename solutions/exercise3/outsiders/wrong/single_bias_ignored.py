# fails: bias, bias_gradient: a bias of one number is taken for none

import torch


def linear_to_embedding(weight, bias=None):
    table = weight.T.clone(memory_format=torch.contiguous_format)
    if bias is None or bias.numel() < 2:
        return table
    return table + bias
