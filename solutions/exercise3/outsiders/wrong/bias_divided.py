# fails: bias, bias_gradient: each row gets its share of the bias

import torch


def linear_to_embedding(weight, bias=None):
    table = weight.T.clone(memory_format=torch.contiguous_format)
    return table if bias is None else table + bias / len(table)
