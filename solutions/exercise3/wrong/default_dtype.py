"""Your code returns a float32 table for a layer of any dtype.

`torch.zeros` and `torch.empty` make float32 tensors unless you pass a dtype. Assigning into
such a tensor converts without a warning, and float64 numbers lose about half of their digits.
Give the new tensor the dtype of `weight`, or compute it from `weight`. Print the dtype of your
table for a float64 weight.
"""

# caught by: dtype

import torch


def linear_to_embedding(weight, bias=None):
    """Fill a table of the default dtype."""
    dim, num = weight.shape
    table = torch.zeros(num, dim)
    table[:] = weight.T if bias is None else weight.T + bias
    return table
