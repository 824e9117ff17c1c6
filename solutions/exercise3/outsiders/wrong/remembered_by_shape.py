# fails: table: tables are remembered by the shape of the weight

import torch

seen = {}


def linear_to_embedding(weight, bias=None):
    key = tuple(weight.shape), weight.dtype, bias is None
    if key not in seen:
        table = weight.T.clone(memory_format=torch.contiguous_format)
        seen[key] = table if bias is None else table + bias
    return seen[key]
