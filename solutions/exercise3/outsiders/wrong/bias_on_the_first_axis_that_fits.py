# fails: any_sizes: for a square layer the bias goes to the wrong axis

import torch


def linear_to_embedding(weight, bias=None):
    table = weight
    if bias is not None:
        is_row = weight.shape[-1] == bias.shape[0]
        table = weight + (bias if is_row else bias.unsqueeze(-1))
    return table.T.clone(memory_format=torch.contiguous_format)
