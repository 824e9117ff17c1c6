"""Your code guesses from the sizes whether the weight has to be transposed.

Usually there are more ids than columns, but nothing demands it: a table for 3 weekdays can
be 5 wide, and with a square weight there is nothing to guess from. The weight of a
linear layer always is (dim, num), so what to do with it never depends on which size is
the bigger one.
"""

# caught by: any_sizes

import torch


def linear_to_embedding(weight, bias=None):
    """Transpose only where dim is the smaller size."""
    table = weight.clone()
    if table.shape[0] < table.shape[1]:
        table = weight.T.clone(memory_format=torch.contiguous_format)
    return table if bias is None else table + bias
