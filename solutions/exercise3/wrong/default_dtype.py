"""Your table comes out as float32, whatever dtype the layer has.

`torch.zeros`, `torch.empty` and their like make float32 tensors unless they are told otherwise,
and assigning into one converts silently: float64 loses half of its digits on the way. Give
the new tensor the dtype of `weight`, or get it from an operation on `weight`, which then
keeps the dtype by itself.
"""

# caught by: dtype

import torch


def linear_to_embedding(weight, bias=None):
    """Fill a table of the default dtype."""
    dim, num = weight.shape
    table = torch.zeros(num, dim)
    table[:] = weight.T if bias is None else weight.T + bias
    return table
