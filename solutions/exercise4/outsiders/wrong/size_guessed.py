# fails: leading: reshape cannot guess a size for an x of shape (0, 3, in)

import torch


def linear(x, weight, bias=None):
    y = torch.nn.functional.conv1d(x.reshape(-1, x.shape[-1], 1), weight.unsqueeze(-1), bias)
    if x.dim() == 1:
        return y.reshape(-1)
    if x.dim() == 2:
        return y.squeeze(-1)
    return y.reshape(x.shape[0], -1, weight.shape[0]).reshape(*x.shape[:-1], weight.shape[0])
