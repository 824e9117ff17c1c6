# fails: table: view raises for a weight that is not contiguous

import torch


def linear_to_embedding(weight, bias=None):
    dim, num = weight.shape
    flat = weight.view(dim * num)
    places = torch.arange(dim * num, device=weight.device).reshape(dim, num).T
    table = flat[places.reshape(-1)].reshape(num, dim)
    return table if bias is None else table + bias
