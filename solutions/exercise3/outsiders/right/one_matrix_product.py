# passes: one product of the identity with the bias as a further row

import torch


def linear_to_embedding(weight, bias=None):
    dim, num = weight.shape
    if bias is None:
        bias = weight.new_zeros(dim)
    rows = torch.eye(num, dtype=weight.dtype, device=weight.device)
    rows = torch.cat([rows, rows.new_ones(num, 1)], 1)
    return rows @ torch.cat([weight.T, bias[None]])
