"""Your code adds the bias to one row of the table only.

A layer has one bias, but adds it each time that it is used, whichever one-hot row comes in.
Each row of the table stands for one such use. Look at the shapes: (num, dim) and (dim,)
broadcast, and the shorter one is then used for all the rows.
"""

# caught by: bias

import torch


def linear_to_embedding(weight, bias=None):
    """Add the bias to the first row only."""
    table = weight.T.clone(memory_format=torch.contiguous_format)
    if bias is not None:
        table[0] = table[0] + bias
    return table
