"""An object whose class claims to be a tensor."""
# ends as: failed

import torch


class Liar:
    __class__ = torch.Tensor


def double(x):
    return Liar()
