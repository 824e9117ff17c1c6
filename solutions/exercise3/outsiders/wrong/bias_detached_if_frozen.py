# fails: bias_gradient: the bias gets a gradient only if the weight does

import torch


def linear_to_embedding(weight, bias=None):
    table = weight.T.clone(memory_format=torch.contiguous_format)
    if bias is None:
        return table
    return table + (bias if weight.requires_grad else bias.detach())
