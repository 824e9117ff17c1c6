# passes: indexes the weight with a grid of positions, which copies

import torch


def linear_to_embedding(weight, bias=None):
    dim, num = weight.shape
    rows = torch.arange(num, device=weight.device)[:, None]
    columns = torch.arange(dim, device=weight.device)
    table = weight[columns, rows]
    return table if bias is None else table + bias
