# fails: weight_gradient: the rows are copied as Python numbers

import torch


def linear_to_embedding(weight, bias=None):
    rows = [list(row) for row in zip(*weight.tolist(), strict=True)]
    table = torch.tensor(rows, dtype=weight.dtype, device=weight.device)
    return table if bias is None else table + bias
