"""Tensors of twenty dimensions, in a dictionary and in nested lists."""
# ends as: failed

import torch


def double(x):
    wide = torch.rand((2,) * 20)
    return {"a": wide, "b": [[wide]]}
