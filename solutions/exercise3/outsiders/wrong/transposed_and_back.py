# fails: inputs_untouched: it doubles the caller's weight in place and halves the table

import torch


def linear_to_embedding(weight, bias=None):
    with torch.no_grad():
        weight *= 2
    table = weight.T.clone(memory_format=torch.contiguous_format) / 2
    return table if bias is None else table + bias
