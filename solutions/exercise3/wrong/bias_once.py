"""Your code adds the bias to only one row of the table.

The layer adds its bias to every output, and each row of the table is one output. A tensor of
shape (dim,) broadcasts to all rows of a tensor of shape (num, dim). Subtract the table without
a bias from the table with a bias: every row of the difference must be the bias.
"""

# caught by: bias

import torch


def linear_to_embedding(weight, bias=None):
    """Add the bias to the first row only."""
    table = weight.T.clone(memory_format=torch.contiguous_format)
    if bias is not None:
        table[0] = table[0] + bias
    return table
