"""Tensors of twenty dimensions of two, in a dictionary and in a list in a list."""
# ends as: failed

import torch


def double(x):
    wide = torch.rand((2,) * 20)
    return {"a": wide, "b": [[wide]]}
