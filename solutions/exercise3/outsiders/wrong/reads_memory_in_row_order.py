# fails: table: as_strided assumes that the weight is contiguous

import torch


def linear_to_embedding(weight, bias=None):
    dim, num = weight.shape
    table = weight.as_strided((num, dim), (1, num)).clone(memory_format=torch.contiguous_format)
    return table if bias is None else table + bias
