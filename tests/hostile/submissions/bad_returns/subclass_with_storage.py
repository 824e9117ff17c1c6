"""A parameter of a class of its own, with the right values."""
# ends as: failed

import torch


class Mine(torch.nn.Parameter):
    pass


def double(x):
    return Mine(x * 2)
