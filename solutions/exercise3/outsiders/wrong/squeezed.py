# fails: bias, any_sizes: sizes of 1 are squeezed away

import torch


def linear_to_embedding(weight, bias=None):
    table = weight.T.clone(memory_format=torch.contiguous_format)
    return (table if bias is None else table + bias).squeeze()
