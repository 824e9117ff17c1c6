# fails: inputs_untouched: transpose_ changes the shape of the caller's weight

import torch


def linear_to_embedding(weight, bias=None):
    table = weight.transpose_(0, 1).clone(memory_format=torch.contiguous_format)
    return table if bias is None else table + bias
