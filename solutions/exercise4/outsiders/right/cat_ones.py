# passes: the bias as one more column of the weight
import torch
import torch.nn.functional as F


def linear(x, weight, bias=None):
    if bias is None:
        return x @ weight.T
    return (
        torch.cat([x, x.new_ones(*x.shape[:-1], 1)], -1)
        @ torch.cat([weight, bias.unsqueeze(1)], 1).T
    )
