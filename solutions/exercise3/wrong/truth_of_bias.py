"""Your code asks the bias whether it is true, and a tensor of several numbers is neither.

`if bias:` works for None and for a number, so it looks like a fine test of whether there is a
bias. With a tensor Python asks for one truth value and PyTorch refuses to pick one; with a
single number in it, a bias of 0 would count as none. Ask what you mean: is it None?
"""

# caught by: bias

import torch


def linear_to_embedding(weight, bias=None):
    """Ask the bias whether it is true."""
    table = weight.T.clone(memory_format=torch.contiguous_format)
    if bias:
        table = table + bias
    return table
