# passes: an einsum with an identity matrix

import torch


def linear_to_embedding(weight, bias=None):
    rows = torch.eye(weight.shape[1], dtype=weight.dtype, device=weight.device)
    table = torch.einsum("in,dn->id", rows, weight).contiguous()
    return table if bias is None else table + bias
