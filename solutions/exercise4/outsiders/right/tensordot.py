# passes: tensordot over the last dimensions

import torch


def linear(x, weight, bias=None):
    product = torch.tensordot(x, weight, dims=([x.dim() - 1], [1]))
    return product if bias is None else bias + product
