# fails: leading, one_vector: the column of ones for the bias has the shape for a matrix x only

import torch


def linear(x, weight, bias=None):
    if bias is None:
        return x @ weight.T
    ones = x.new_ones(len(x), 1)
    wide = torch.hstack([weight, bias[:, None]])
    return torch.hstack([x, ones]) @ wide.T
